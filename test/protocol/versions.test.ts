import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../../agent/command-line.ts";
import { readAnswer } from "../../agent/registration/answer.ts";
import { judgeTicket } from "../../agent/turn/ticket.ts";
import { registrationBody } from "../../functions/registration/request.ts";
import { itemOf, readTicket, readTurnAnswer, recordOf } from "../../protocol/index.ts";
import { firstColumn } from "../infra/headings.ts";
import { files, read } from "../shape/sources.ts";

/** What to do about a version that is not understood any more. */
const KEEP =
  "Released agents and control planes still say this: take it beside what is new, as docs/deploying.md promises";

// What released versions say to each other, kept as they said it: agents and control planes of this version go on
// understanding it. docs/deploying.md promises that.

const VERSIONS = files("test/protocol/versions/*.json").map((file) => ({
  version: basename(file, ".json"),
  said: JSON.parse(read(file)),
}));

test("docs/deploying.md lists the versions that are kept here, and the present one", () => {
  const { version } = JSON.parse(read("package.json"));
  const kept = VERSIONS.map((one) => one.version);
  expect(kept, "Keep what a version said in test/protocol/versions before its number changes").toContain(version);
  expect(
    firstColumn(read("docs/deploying.md"), "Versions").sort(),
    "docs/deploying.md, Versions: a row for each file of test/protocol/versions",
  ).toEqual(kept.sort());
});

describe.each(VERSIONS)("the control plane understands an agent of $version", ({ said }) => {
  test("that registers", () => {
    expect(said.registrationRequests.length).toBeGreaterThan(1);
    for (const request of said.registrationRequests)
      expect(registrationBody.safeParse(request), KEEP).toMatchObject({ success: true, data: request });
  });

  test("that answers a ticket", () => {
    expect(said.turnAnswers.length).toBeGreaterThan(1);
    for (const answer of said.turnAnswers) expect(readTurnAnswer(answer), KEEP).toEqual(answer);
  });

  test("that writes samples, which lie in both stores as they do today", () => {
    const place = { partition: "aws", region: "eu-central-1", account: "000000000000" };
    expect(recordOf(said.sample), KEEP).toEqual(said.sampleInTimestream);
    expect(itemOf(said.sample, place), KEEP).toEqual(said.sampleInDynamodb);
  });
});

describe.each(VERSIONS)("the agent understands a control plane of $version", ({ said }) => {
  test("that answers a registration", () => {
    expect(said.registrationAnswers.length).toBeGreaterThan(1);
    for (const { status, body } of said.registrationAnswers) {
      const { registered, ...rest } = body;
      const kind = registered ? "registered" : "refused";
      expect(readAnswer(status, JSON.stringify(body)), KEEP).toEqual({ kind, ...rest });
    }
  });

  test("that has it turn, on a ticket", () => {
    expect(parseCommandLine(said.turnCommand), KEEP).toEqual({ name: "turn" });
    const ticket = readTicket(said.ticket);
    const judged = judgeTicket(ticket, { version: 1, nonce: null, ...said.heldKey }, "hmac");
    expect(judged, KEEP).toMatchObject({ kind: "turn", ticket });
  });
});
