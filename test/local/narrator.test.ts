import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arnOf, type BusEvent } from "embedded-aws";
import { beforeEach, expect, test } from "vitest";
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

const execution = (flow: string, name: string) => arnOf("states", `execution:keyturn-${flow}:${name}`);

/** A run over the fleet begins. */
function begins(run: string): void {
  const stateMachineArn = flowArn("fleet-rotation");
  const status = { status: "RUNNING", input: "{}", output: null, error: null };
  happens("Step Functions Execution Status Change", {
    ...{ executionArn: execution("fleet-rotation", run), stateMachineArn, ...status },
  });
}

/** A rotation gets another status. */
function rotation(id: string, status: string, came: { outcome?: string; error?: string; gather?: boolean } = {}): void {
  const { outcome, error = null, gather = true } = came;
  happens("Step Functions Execution Status Change", {
    executionArn: execution("rotation", `${id}-due-1-0`),
    stateMachineArn: flowArn("rotation"),
    status,
    input: JSON.stringify({ id, gather }),
    output: outcome === undefined ? null : JSON.stringify({ outcome }),
    error,
  });
}

function finishes(run: string, counts: { due: number; turned: number; skipped: number; failed: number }): void {
  happens("Fleet Rotation Finished", { ...counts, stopped: false, execution: execution("fleet-rotation", run) });
}

const registered = (id: string, flag: "new" | "update") =>
  happens("Instance Registered", { id, ec2InstanceId: HOST, ip: "10.0.0.1", flag, generation: 3 });

const turned = (id: string, by: string) =>
  happens("Key Rotated", { id, ec2InstanceId: HOST, generation: 2, execution: by });

test("a run over the fleet names who was turned, who waits why, and who failed with what", () => {
  begins("one");
  for (const id of ["aaaaa1", "aaaaa2", "bbbbb1", "ccccc1"]) rotation(id, "RUNNING");
  rotation("dddddd", "RUNNING", { gather: false });
  rotation("aaaaa1", "SUCCEEDED", { outcome: "ROTATED" });
  rotation("aaaaa2", "SUCCEEDED", { outcome: "ROTATED" });
  rotation("bbbbb1", "SUCCEEDED", { outcome: "WAITING" });
  rotation("ccccc1", "FAILED", { error: "Keyturn.MISMATCH" });
  rotation("dddddd", "SUCCEEDED", { outcome: "ROTATED", gather: false });
  finishes("one", { due: 4, turned: 2, skipped: 1, failed: 1 });
  expect(lines).toEqual([
    "14:00:07Z  SCHEDULE  4 due: 2 turned (aaaaa1; aaaaa2), " +
      "1 skipped (bbbbb1: WAITING, its host is stopped, or has just come up), 1 failed (ccccc1: MISMATCH).",
  ]);
});

test("a run that finds an instance still being turned by another says so, and each names only its own", () => {
  begins("slow");
  rotation("aaaaa1", "RUNNING");
  rotation("bbbbb1", "RUNNING");
  rotation("bbbbb1", "SUCCEEDED", { outcome: "ROTATED" });
  begins("next");
  rotation("ccccc1", "RUNNING");
  rotation("ccccc1", "TIMED_OUT");
  finishes("next", { due: 2, turned: 0, skipped: 1, failed: 1 });
  rotation("aaaaa1", "SUCCEEDED", { outcome: "ROTATED" });
  finishes("slow", { due: 2, turned: 2, skipped: 0, failed: 0 });
  expect(lines).toEqual([
    "14:00:07Z  SCHEDULE  2 due: 0 turned, 1 skipped (aaaaa1: an earlier run is still turning it), 1 failed (ccccc1: TIMED_OUT).",
    "14:00:07Z  SCHEDULE  2 due: 2 turned (aaaaa1; bbbbb1), 0 skipped, 0 failed.",
  ]);
});

test("what was wrong and is not any more is told as mended, once; what the same execution found is not", () => {
  happens("Rotation Failed", { id: "aaaaa1", step: "VerifyHash", reason: "STALE", execution: "first" });
  turned("aaaaa1", "second");
  turned("aaaaa1", "third");
  happens("Mismatch Found", {
    id: "aaaaa1",
    ec2InstanceId: HOST,
    generation: 2,
    verdict: "CONFLICT",
    execution: "fourth",
  });
  turned("aaaaa1", "fourth");
  const key = "14:00:07Z  aaaaa1  turned its key and proved it: generation 2. Next one due at 14:00:37Z.";
  expect(lines).toEqual([
    "14:00:07Z  aaaaa1  was not turned: STALE in VerifyHash.",
    key,
    "14:00:07Z  aaaaa1  is mended: STALE is over.",
    key,
    `14:00:07Z  aaaaa1  CONFLICT: what ${HOST} writes does not prove its key.`,
    key,
  ]);
});

test("a host that registers anew mends what was wrong with its former ID", () => {
  registered("aaaaa1", "new");
  happens("Mismatch Found", {
    id: "aaaaa1",
    ec2InstanceId: HOST,
    generation: 2,
    verdict: "MISMATCH",
    execution: "one",
  });
  registered("bbbbb1", "new");
  registered("ccccc1", "new");
  expect(lines.filter((line) => line.includes("from now on"))).toEqual([
    `14:00:07Z  aaaaa1  is mended: ${HOST} has a new key, and is bbbbb1 from now on.`,
    `14:00:07Z  bbbbb1  is retired: ${HOST} has a new key, and is ccccc1 from now on.`,
  ]);
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
