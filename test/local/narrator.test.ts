import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BusEvent } from "embedded-aws";
import { beforeEach, expect, test } from "vitest";
import type { Turn } from "../../local/fleet-runs.ts";
import { keepMail } from "../../local/mail-folder.ts";
import { Narrator } from "../../local/narrator.ts";
import { flowArn } from "../../local/roles.ts";

/** Seven seconds after two, in UTC. */
const NOW = Date.UTC(2026, 10, 26, 14, 0, 7);
const HOST = "i-0123456789abcdef0";

let lines: string[];
let narrator: Narrator;
beforeEach(() => {
  lines = [];
  narrator = new Narrator({ write: (line) => lines.push(line), now: () => NOW, everySeconds: 30 });
});

function happens(detailType: string, detail: Record<string, unknown>): void {
  narrator.onEvent({ "detail-type": detailType, detail } as BusEvent);
}

/** A run over the fleet ends; what it had to do with each instance. */
function finishes(counts: { due: number; turned: number; skipped: number; failed: number }, ...turns: Turn[]): void {
  narrator.onEvent({ "detail-type": "Fleet Rotation Finished", detail: counts } as unknown as BusEvent, turns);
}

const turn = (id: string, outcome: string, more: Partial<Turn> = {}): Turn => ({
  ...{ id, name: `${id}-due-1-0`, outcome },
  ...more,
});

const registered = (id: string, flag: "new" | "update") =>
  happens("Instance Registered", { id, ec2InstanceId: HOST, ip: "10.0.0.1", flag, generation: 3 });

const turned = (id: string, by: string) =>
  happens("Key Rotated", { id, ec2InstanceId: HOST, generation: 2, execution: by });

test("a run over the fleet names who was turned, who waits why, and who failed with what", () => {
  finishes(
    { due: 6, turned: 2, skipped: 2, failed: 2 },
    ...[turn("aaaaa1", "ROTATED"), turn("aaaaa2", "ROTATED"), turn("bbbbb1", "WAITING"), turn("bbbbb2", "WAITING")],
    ...[turn("ccccc1", "FAILED", { error: "MISMATCH" }), turn("ccccc2", "NOT_STARTED")],
  );
  expect(lines).toEqual([
    "14:00:07Z  SCHEDULE  6 due: 2 turned (aaaaa1, aaaaa2), " +
      "2 skipped (bbbbb1, bbbbb2: WAITING, stopped, or just up, or beside a former ID that is to fall silent first), " +
      "2 failed (ccccc1: MISMATCH; ccccc2: NOT_STARTED).",
  ]);
});

test("a run that finds only what another one is turning says nothing, and a mixed one all that it counts", () => {
  const begun = turn("aaaaa1", "ALREADY_STARTED");
  finishes({ due: 1, turned: 0, skipped: 1, failed: 0 }, begun);
  finishes({ due: 2, turned: 1, skipped: 1, failed: 0 }, begun, turn("bbbbb1", "ROTATED"));
  expect(lines).toEqual([
    "14:00:07Z  SCHEDULE  2 due: 1 turned (bbbbb1), " +
      "1 skipped (aaaaa1: ALREADY_STARTED, an earlier run has seen to it), 0 failed.",
  ]);
});

const found = (what: "Opened" | "Ended", subject: string, cause: string) =>
  happens(`Finding ${what}`, { subject, cause, since: NOW - 60_000, endedAt: NOW, execution: "one" });

test("what people are told of is said when it begins and when it is over, and a rotation that fails each time", () => {
  happens("Rotation Failed", { id: "aaaaa1", step: "VerifyHash", reason: "STALE", execution: "first" });
  found("Opened", "aaaaa1", "STALE");
  happens("Mismatch Found", {
    id: "aaaaa1",
    ec2InstanceId: HOST,
    generation: 2,
    verdict: "CONFLICT",
    execution: "fourth",
  });
  turned("aaaaa1", "fourth");
  found("Ended", "aaaaa1", "STALE");
  found("Opened", "fleet", "ScheduleSilent");
  expect(lines).toEqual([
    "14:00:07Z  aaaaa1  was not turned: STALE in VerifyHash.",
    "14:00:07Z  FINDING  STALE on aaaaa1: an instance has stopped proving its key.",
    `14:00:07Z  aaaaa1  CONFLICT: a second one writes as ${HOST}, without its key.`,
    "14:00:07Z  aaaaa1  turned its key and proved it: generation 2. Next one due at 14:00:37Z.",
    "14:00:07Z  FINDING  STALE on aaaaa1 is over; it stood since 13:59:07Z.",
    "14:00:07Z  FINDING  ScheduleSilent on the fleet: no run over the fleet was started.",
  ]);
});

test("a host that registers anew is a newcomer, and takes its former ID's place when it is turned", () => {
  registered("aaaaa1", "new");
  registered("bbbbb1", "new");
  registered("bbbbb2", "new");
  turned("bbbbb2", "two");
  turned("bbbbb2", "three");
  registered("ccccc1", "new");
  turned("ccccc1", "four");
  expect(lines.filter((line) => /waits|from now on/.test(line))).toEqual([
    "14:00:07Z  bbbbb1  waits beside aaaaa1 until nothing more comes from that.",
    "14:00:07Z  bbbbb2  waits beside aaaaa1 until nothing more comes from that.",
    `14:00:07Z  aaaaa1  is retired: ${HOST} is bbbbb2 from now on.`,
    "14:00:07Z  ccccc1  waits beside bbbbb2 until nothing more comes from that.",
    `14:00:07Z  bbbbb2  is retired: ${HOST} is ccccc1 from now on.`,
  ]);
});

test("a rekey is told from the command to the proof, as are its refusals, and that of many", () => {
  const operate = (status: string, input: unknown, more: Record<string, unknown> = {}) =>
    happens("Step Functions Execution Status Change", {
      ...{ stateMachineArn: flowArn("operate"), status, input: JSON.stringify(input) },
      ...more,
    });
  const asked = { act: "rekey", id: "aaaaa1" };
  operate("RUNNING", asked);
  happens("Instance Registered", { id: "aaaaa1", ec2InstanceId: HOST, ip: "10.0.0.1", flag: "rekey", generation: 8 });
  happens("Key Rotated", { id: "aaaaa1", ec2InstanceId: HOST, generation: 8, execution: "one", rekey: true });
  operate("SUCCEEDED", asked, { output: JSON.stringify({ outcome: "REKEYED", id: "aaaaa1", generation: 8 }) });
  operate("SUCCEEDED", asked, { output: JSON.stringify({ outcome: "QUARANTINED", id: "aaaaa1" }) });
  operate("FAILED", asked, { error: "Keyturn.NotRekeyed", cause: "The rekey stands." });
  const counts = { outcome: "SOME_FAILED", meant: 9, rekeyed: 5, waiting: 2, skipped: 1, failed: 1 };
  operate("RUNNING", { act: "rekey", all: true });
  operate("SUCCEEDED", { act: "rekey", all: true }, { output: JSON.stringify(counts) });
  // What somebody typed may be anything, and what else the flow does tells of itself.
  for (const typed of [null, 5, "rekey", [], { act: "release", id: "aaaaa1" }]) operate("RUNNING", typed);
  found("Opened", "aaaaa1", "BroughtForward");
  expect(lines.map((line) => line.slice(11))).toEqual([
    "aaaaa1  is to be rekeyed: an execution of operate has begun.",
    "aaaaa1  agreed a fresh key with the control plane, of generation 8.",
    "aaaaa1  is rekeyed, under the same ID, and proved its fresh key: generation 8. Next one due at 14:00:37Z.",
    "aaaaa1  is not rekeyed: QUARANTINED, it is in quarantine.",
    "aaaaa1  was not rekeyed: NotRekeyed. The rekey stands.",
    "REKEY   of many is asked for.",
    "REKEY   9 were meant: 5 rekeyed, 2 wait for their hosts, 1 left alone, 1 failed.",
    expect.stringMatching(/^FINDING {2}BroughtForward on aaaaa1: /),
    "aaaaa1  was ahead of its record, which is brought forward to the key that its samples prove.",
  ]);
});

test("an execution for an exposed key is told", () => {
  happens("Step Functions Execution Status Change", {
    ...{ stateMachineArn: flowArn("exposed-key"), status: "RUNNING", name: "one" },
  });
  expect(lines).toEqual(["14:00:07Z  EXPOSED  an execution of exposed-key has begun: one."]);
});

test("whoever registers is told with the files where one may look", () => {
  const filesOf = (ec2InstanceId: string) => ({
    key: `data/${ec2InstanceId}/key.json`,
    log: `data/${ec2InstanceId}/log`,
  });
  narrator = new Narrator({ write: (line) => lines.push(line), now: () => NOW, filesOf });
  registered("aaaaa1", "update");
  expect(lines).toEqual([
    `14:00:07Z  aaaaa1  registered again from 10.0.0.1 (${HOST}), key of generation 3.`,
    `14:00:07Z  aaaaa1  has its key in data/${HOST}/key.json`,
    `14:00:07Z  aaaaa1  has its log in data/${HOST}/log`,
  ]);
});

test("each mail becomes a file of its own", () => {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  const mail = { messageId: "<1@x>", from: "a@x", to: "b@x", subject: "One", text: "Text", receivedAt: NOW, raw: "" };
  const names = [mail, { ...mail, subject: "Two" }].map((one) => keepMail(join(folder, "mail"), one));
  const texts = names.map((name) => readFileSync(join(folder, "mail", name), "utf8"));
  rmSync(folder, { recursive: true });
  expect(names).toEqual(["001.txt", "002.txt"]);
  expect(texts[1]).toBe("From: a@x\nTo: b@x\nDate: 2026-11-26T14:00:07.000Z\nSubject: Two\n\nText\n");
});
