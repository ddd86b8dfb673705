import { isRetired, type StoredRecord } from "../../functions/record/record.ts";
import type { Check } from "./check.ts";
import type { Story } from "./story.ts";

/** What the demo prints with --json. */
export interface Report {
  ok: boolean;
  /** Of a retired instance only its tombstone is left, which knows no generation and no verdict. */
  instances: {
    id: string;
    ec2InstanceId: string;
    generation: number | null;
    verdict: string | null;
    status: string;
  }[];
  executions: { name: string; stateMachine: string; status: string }[];
  mails: { subject: string }[];
  checks: Check[];
}

/** Whether everything came out right; of nothing at all one cannot say so. */
export function isOk(checks: Check[]): boolean {
  return checks.length > 0 && checks.every(({ ok }) => ok);
}

/** Gathers what came out, from AWS. Where that fails, that is what came out. */
export async function reportOn(story: Story): Promise<Report> {
  try {
    return await gather(story);
  } catch (error) {
    story.check("what came out can be gathered", "yes", (error as Error).message);
    return { ok: false, instances: [], executions: [], mails: [], checks: story.checks };
  }
}

async function gather({ account, fleet, rotations, checks }: Story): Promise<Report> {
  const executions = (await rotations.listAll()).map(({ name = "", stateMachine, status = "" }) => {
    return { name, stateMachine, status };
  });
  const mails = (await account.mails()).map(({ subject }) => ({ subject }));
  return { ok: isOk(checks), instances: (await fleet.records()).map(instanceOf), executions, mails, checks };
}

function instanceOf(record: StoredRecord): Report["instances"][number] {
  const { id, ec2InstanceId, status } = record;
  if (isRetired(record)) return { id, ec2InstanceId, generation: null, verdict: null, status };
  return { id, ec2InstanceId, generation: record.current.generation, verdict: record.verdict ?? null, status };
}

/** The checks as a table for people. */
export function table(checks: Check[]): string {
  const rows = [
    ["", "what", "expected", "seen"],
    ...checks.map(({ ok, what, expected, seen }) => [ok ? "ok" : "WRONG", what, expected, seen]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
