import { describe, expect, test } from "vitest";
import type { Sighting } from "../../functions/credential/record.ts";
import type { Finding } from "../../functions/findings/finding.ts";
import { lookedAtCredential } from "../../operator/credential-state.ts";
import { consumerSaid, turnOf, turnSaid, versionSaid } from "../../operator/page/client/views/credentials/say.ts";
import { credentialRow } from "../../operator/page/read/credentials.ts";
import type { Credential } from "../../operator/reads/credentials.ts";
import { finding, HOUR, MINUTE, NOW } from "../operator/support.ts";

const SINCE = NOW - HOUR;
const HOST = "i-0123456789abcdef0";

function seen(consumer: string, user: string, at: number, more: Partial<Sighting> = {}): Sighting {
  return { consumer, user, at, by: "sessions", ...more };
}

function rowOf(changes: Partial<Credential>, standing: Finding[] = []) {
  const credential: Credential = {
    name: "orders/db",
    current: { versionId: "v2", user: "orders_b", since: SINCE, execution: "orders-db-v2-1" },
    predecessor: { user: "orders_a", versionId: "v1", announced: [] },
    sightings: [],
    ...changes,
  };
  return credentialRow(lookedAtCredential(credential, standing), NOW, (name) => `arn:${name}`);
}

describe("consumers", () => {
  test("are a line for each place, with the newest sighting, those behind first", () => {
    const { consumers } = rowOf({
      sightings: [
        seen("web", "orders_a", SINCE - MINUTE, { address: "10.0.0.1" }),
        seen("web", "orders_b", NOW - MINUTE, { address: "10.0.0.1" }),
        seen("web", "orders_a", NOW - 2 * MINUTE, { address: "10.0.0.2" }),
        seen("job", "orders_a", SINCE - HOUR, { by: "proofs", ec2InstanceId: HOST }),
      ],
    });
    expect(consumers).toEqual([
      {
        ...{ consumer: "web", user: "orders_a", at: NOW - 2 * MINUTE, by: "sessions", from: ["10.0.0.2"] },
        ...{ hasMoved: false, behind: "uses the former one, last at 2026-11-28 11:58:00 UTC" },
      },
      { consumer: "job", user: "orders_a", at: SINCE - HOUR, by: "proofs", from: [HOST], hasMoved: false },
      { consumer: "web", user: "orders_b", at: NOW - MINUTE, by: "sessions", from: ["10.0.0.1"], hasMoved: true },
    ]);
  });

  test("whom people were told of as behind is one with who was seen at that address, and named by the registry", () => {
    const behind = [
      {
        consumer: "web",
        why: "USES_FORMER" as const,
        lastAt: NOW,
        address: "10.0.0.2",
        id: "0a1b2c",
        ec2InstanceId: HOST,
      },
    ];
    const { consumers } = rowOf({ sightings: [seen("web", "orders_a", NOW, { address: "10.0.0.2" })] }, [
      finding({ subject: "orders/db", cause: "ConsumersBehind", facts: { behind } }),
    ]);
    expect(consumers).toMatchObject([{ consumer: "web", from: ["0a1b2c", HOST, "10.0.0.2"], hasMoved: false }]);
  });

  test("who was not seen on the current one is one with who was seen on the former, or has a line of its own", () => {
    const behind = [
      { consumer: "web", why: "NOT_SEEN" as const, lastAt: SINCE - HOUR },
      { consumer: "report", why: "NOT_SEEN" as const },
    ];
    const { consumers } = rowOf({ sightings: [seen("web", "orders_a", SINCE - HOUR, { address: "10.0.0.2" })] }, [
      finding({ subject: "orders/db", cause: "ConsumersBehind", facts: { behind } }),
    ]);
    expect(consumers).toEqual([
      { consumer: "report", from: [], hasMoved: false, behind: "was not seen on the current one" },
      {
        ...{ consumer: "web", user: "orders_a", at: SINCE - HOUR, by: "sessions", from: ["10.0.0.2"] },
        ...{ hasMoved: false, behind: "was not seen on the current one" },
      },
    ]);
  });

  test("whom the settings name has a line, also where nobody saw it yet", () => {
    const sightings = [seen("web", "orders_b", NOW)];
    const { consumers } = rowOf({ sightings, lookedFor: { web: SINCE, report: SINCE } });
    expect(consumers.map(({ consumer, at }) => [consumer, at])).toEqual([
      ["report", undefined],
      ["web", NOW],
    ]);
  });
});

describe("in words", () => {
  test("a turn is under way for as long as the former user is let in, and says how many have moved", () => {
    const sightings = [
      seen("web", "orders_b", NOW - MINUTE, { address: "10.0.0.1" }),
      seen("web", "orders_a", NOW - MINUTE, { address: "10.0.0.2" }),
    ];
    const row = rowOf({ sightings });
    const turn = turnOf(row);
    expect(turn && turnSaid(turn, row)).toBe("A turn is under way: 1 of 2 have moved to orders_b.");
    const shut = { user: "orders_a", versionId: "v1", announced: [], shutAt: NOW - MINUTE };
    expect(turnOf(rowOf({ sightings, predecessor: shut }))).toBeUndefined();
    const unused = rowOf({});
    const none = turnOf(unused);
    expect(none && turnSaid(none, unused)).toContain("nobody was seen with orders_b");
    const [first] = sightings;
    const moved = rowOf({ sightings: first === undefined ? [] : [first] });
    const all = turnOf(moved);
    expect(all && turnSaid(all, moved)).toMatch(/1 of 1 has moved to orders_b; the former one is shut once/);
  });

  test("a place at which one was seen before is not waited for once he has moved elsewhere; one who was not seen is", () => {
    const sightings = [
      seen("web", "orders_b", NOW, { by: "proofs", ec2InstanceId: HOST }),
      seen("web", "orders_a", SINCE - HOUR, { address: "10.0.0.2" }),
    ];
    expect(turnOf(rowOf({ sightings }))).toMatchObject({ moved: 1, of: 1 });
    expect(turnOf(rowOf({ sightings, lookedFor: { web: SINCE, job: SINCE } }))).toMatchObject({ moved: 1, of: 2 });
  });

  test("a consumer and a version say how they stand", () => {
    const at = { consumer: "web", from: [], user: "orders_b", at: NOW };
    expect(consumerSaid({ ...at, hasMoved: true }, true).word).toBe("has moved");
    expect(consumerSaid({ ...at, hasMoved: true }, false).word).toBe("up to date");
    expect(consumerSaid({ ...at, hasMoved: false }, true)).toMatchObject({ word: "idle", tone: "quiet" });
    expect(consumerSaid({ ...at, hasMoved: false, behind: "uses it" }, true)).toMatchObject({ why: "uses it" });
    expect(consumerSaid({ consumer: "web", from: [], hasMoved: false }, true).word).toBe("not seen yet");
    expect(versionSaid({ is: "former" })).toMatchObject({ tone: "warn", more: "still let in" });
    expect(versionSaid({ is: "former", shutAt: NOW })).toMatchObject({ tone: "quiet", more: "shut" });
  });

  test("a version names the execution that promoted it", () => {
    expect(rowOf({}).versions).toEqual([
      { is: "current", user: "orders_b", versionId: "v2", since: SINCE, execution: "arn:orders-db-v2-1" },
      { is: "former", user: "orders_a" },
    ]);
  });
});
