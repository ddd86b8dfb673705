import { describe, expect, test } from "vitest";
import { newsOf, pageTitle } from "../../operator/page/client/news.ts";
import { executionName, hrefOf } from "../../operator/page/client/parts/links.ts";
import { placeIn, to } from "../../operator/page/client/places.ts";
import { ago, clock, span, utc } from "../../operator/page/client/time.ts";
import { instanceRow, standingRow } from "./rows.ts";

describe("an address within the page", () => {
  test("leads to the view and what it is about, whatever stands in that", () => {
    const arn = "arn:aws:states:eu-west-1:111122223333:execution:keyturn-watch:a/b#c d";
    expect(placeIn(to("execution", arn))).toEqual({ view: "execution", about: arn });
    expect(placeIn(to("audit"))).toEqual({ view: "audit", about: "" });
  });

  test("what is none is the fleet, and what cannot be decoded stands as it was typed", () => {
    expect(placeIn("")).toEqual({ view: "fleet", about: "" });
    expect(placeIn("#token=abc")).toEqual({ view: "fleet", about: "" });
    expect(placeIn("#/instance/%zz")).toEqual({ view: "instance", about: "%zz" });
  });
});

describe("where a subject is looked at", () => {
  const former = instanceRow({ id: "aaaaaa", ec2InstanceId: "i-0aa", status: "RETIRED" });
  const live = instanceRow({ id: "bbbbbb", ec2InstanceId: "i-0aa" });
  const known = {
    instances: new Map([former, live].map((row) => [row.id, row])),
    credentials: [{ name: "orders/db", tone: "good" as const, words: [], versions: [], consumers: [], causes: [] }],
  };

  test("an instance, the one that lives on a host, a credential", () => {
    expect(hrefOf("0a1b2c", known)).toBe("#/instance/0a1b2c");
    expect(hrefOf("i-0aa", known)).toBe("#/instance/bbbbbb");
    expect(hrefOf("orders/db", known)).toBe("#/credentials/orders%2Fdb");
  });

  test("to an access key by its ID", () => {
    expect(hrefOf("AKIAIOSFODNN7EXAMPLE", known)).toBe("#/instance/AKIAIOSFODNN7EXAMPLE");
  });

  test("nowhere for the fleet, an unknown host", () => {
    for (const subject of ["fleet", "i-0ff"]) expect(hrefOf(subject, known)).toBeUndefined();
  });

  test("an execution is named by its flow and its name", () => {
    const arn = "arn:aws:states:eu-west-1:111122223333:execution:keyturn-fleet-rotation:run-1";
    expect(executionName(arn)).toBe("fleet-rotation run-1");
    expect(executionName("arn:aws:states:r:1:express:keyturn-registration:run-2:x")).toBe("registration run-2");
    expect(executionName("no ARN")).toBe("no ARN");
  });
});

describe("what is new", () => {
  const one = standingRow({ subject: "aaaaaa" });
  const other = standingRow({ subject: "bbbbbb", cause: "STALE" });

  test("what has come and what is over, by subject and cause", () => {
    expect(newsOf([one], [one, other])).toBe("New: STALE on bbbbbb.");
    expect(newsOf([one], [other])).toBe("New: STALE on bbbbbb. Over: MISMATCH on aaaaaa.");
  });

  test("nothing, where the same stand with other words", () => {
    expect(newsOf([one], [standingRow({ subject: "aaaaaa", times: 9 })])).toBe("");
  });

  test("of many, some are named", () => {
    const many = ["a", "b", "c", "d", "e"].map((subject) => standingRow({ subject }));
    expect(newsOf([], many)).toBe("New: MISMATCH on a, MISMATCH on b, MISMATCH on c and 2 more.");
  });
});

test("the title says how many stand, the view and what it is about", () => {
  expect(pageTitle("Fleet", "", 0)).toBe("Fleet – Keyturn");
  expect(pageTitle("Fleet", "", undefined)).toBe("(?) Fleet – Keyturn");
  expect(pageTitle("Attention", "", 2)).toBe("(2) Attention – Keyturn");
  expect(pageTitle("instance", "0a1b2c", 0)).toBe("Instance 0a1b2c – Keyturn");
  expect(pageTitle("execution", "arn:aws:states:r:1:execution:keyturn-watch:run-1", 1)).toBe(
    "(1) Execution run-1 – Keyturn",
  );
});

test("times are said as the command line says them", () => {
  expect([40_000, 720_000, 5 * 3_600_000, 3 * 86_400_000].map(span)).toEqual(["40 s", "12 min", "5 h", "3 d"]);
  expect(ago(1_000, 61_000)).toBe("1 min ago");
  expect(ago(61_000, 1_000)).toBe("in 1 min");
  // What was read since the last tick.
  expect(ago(1_900, 1_000)).toBe("0 s ago");
  const at = Date.UTC(2026, 10, 26, 3, 4, 5);
  expect([utc(at), clock(at)]).toEqual(["2026-11-26 03:04:05 UTC", "03:04:05"]);
});
