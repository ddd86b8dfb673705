import { createRequire } from "node:module";
import { join } from "node:path";
import { dayOf } from "../../functions/audit/days.ts";
import { lineOf } from "../../functions/audit/line.ts";
import { NAMES } from "../../infra/wiring.ts";
import { type AuditLine, auditDigest, type Head, type Seal, sealDigest } from "../../protocol/index.ts";
import { hex64Of } from "../functions/support.ts";

type Item = Record<string, { S: string } | { N: string } | { M: Item }>;
/** What dynalite keeps its items in; it has no types of its own. */
interface Dynalite {
  create(options: { path: string }): {
    db: { open(): Promise<void>; close(): Promise<void> };
    getTable(name: string, inUse: false, done: (error: unknown, table: object) => void): void;
    getItemDb(name: string): { batch(puts: object[], done: (error: unknown) => void): void };
  };
  createKey(item: Item, table: object): string;
}
const dynalite: Dynalite = createRequire(import.meta.url)("dynalite/db");

const A_DAY_MS = 86_400_000;

/**
 * Fills the tables of an embedded AWS that is not running with instances whose keys are turned each day, and with an audit line
 * for each turn. Past its API, which would take a quarter of an hour for 300,000; the index of lines by day stays empty, which
 * only a sealer asks.
 *
 * @param folder of the embedded AWS, in which the tables are
 * @param from the first day, in milliseconds since 1970
 * @returns a seal for each day but the last one; they are not put
 */
export async function fillAudit(folder: string, count: number, days: number, from: number): Promise<Seal[]> {
  const store = dynalite.create({ path: join(folder, "dynamodb") });
  await store.db.open();
  const heads = new Map<string, Head>();
  const seals: Seal[] = [];
  try {
    await put(NAMES.instanceTable, count, (n) => recordOf(idOf(n), days, from));
    for (let day = 0; day < days; day += 1) {
      const at = from + day * A_DAY_MS;
      await put(NAMES.auditTable, count, (n) => {
        const line = turnOf(idOf(n), { day, at: at + n, before: heads.get(idOf(n)) });
        heads.set(line.subject, line);
        return itemOf(line);
      });
      if (day === days - 1) break;
      const sealed = [...heads.values()].map(({ subject, n, digest }) => ({ subject, n, digest }));
      const content = { previous: seals.at(-1)?.digest ?? "", day: dayOf(at), heads: sealed };
      seals.push({ ...content, digest: sealDigest(content) });
    }
  } finally {
    await store.db.close();
  }
  return seals;

  async function put(name: string, many: number, make: (n: number) => Item): Promise<void> {
    const table = await new Promise<object>((resolve, reject) => {
      store.getTable(name, false, (error, found) => (error ? reject(error) : resolve(found)));
    });
    const puts = Array.from({ length: many }, (_, n) => {
      const value = make(n);
      return { type: "put", key: dynalite.createKey(value, table), value };
    });
    await new Promise<void>((resolve, reject) => {
      store.getItemDb(name).batch(puts, (error) => (error ? reject(error) : resolve()));
    });
  }
}

function idOf(n: number): string {
  return n.toString(16).padStart(6, "0");
}

function turnOf(
  subject: string,
  { day, at, before }: { day: number; at: number; before: Head | undefined },
): AuditLine {
  const { act, timeMs, details } = lineOf("promoted", at, {
    ...{ generation: day + 2, verdict: "MATCH", receiptDigest: hex64Of(`${subject} ${day}`) },
    ...{ execution: `${subject}-${at}`, requestedBy: "schedule", trigger: "fleet-rotation", run: `daily-${day}` },
  });
  const text = String(details);
  const line = { subject, n: (before?.n ?? 0) + 1, timeMs, act, details: text, previous: before?.digest ?? "" };
  return { ...line, digest: auditDigest(line) };
}

function itemOf({ n, timeMs, ...texts }: AuditLine): Item {
  const strings = Object.entries(texts).map(([name, S]) => [name, { S }] as const);
  return {
    ...Object.fromEntries(strings),
    n: { N: String(n) },
    timeMs: { N: String(timeMs) },
    day: { S: dayOf(timeMs) },
  };
}

function recordOf(id: string, days: number, from: number): Item {
  const since = { N: String(from + (days - 1) * A_DAY_MS) };
  const current = { M: { generation: { N: String(days + 1) }, since, ciphertext: { S: "c2VhbGVk".repeat(24) } } };
  return {
    ...{ id: { S: id }, ec2InstanceId: { S: `i-${id.padStart(17, "0")}` }, status: { S: "ACTIVE" }, current },
    ...{ registeredAt: { N: String(from) }, dueAt: since, verdict: { S: "MATCH" } },
  };
}
