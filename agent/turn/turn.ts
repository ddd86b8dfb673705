import { basename } from "node:path";
import {
  type HookOutcome,
  hookReports,
  type NonceMode,
  type Receipt,
  receiptProof,
  successor,
  type Ticket,
  type TicketRefusal,
  type TurnRefused,
} from "../../protocol/index.ts";
import type { Clock } from "../clock.ts";
import { type Disk, removeLeftovers } from "../disk.ts";
import { Failure, sentenceOf } from "../failure.ts";
import type { Log } from "../log.ts";
import { writeSample } from "../samples/write-sample.ts";
import type { SeriesWriter } from "../series/writer.ts";
import { type HookProgress, type KeyFile, readKeyFile, storeKeyFile } from "../state/key-file.ts";
import type { Lock } from "../state/lock.ts";
import type { Places } from "../state/places.ts";
import { fetchTicket } from "./fetch-ticket.ts";
import type { HookRuns, Hooks } from "./hooks.ts";
import { judgeTicket } from "./ticket.ts";
import type { Tickets } from "./tickets.ts";

export interface TurnParts {
  disk: Disk;
  places: Pick<Places, "folder" | "key">;
  lock: Lock;
  tickets: Tickets;
  series: SeriesWriter;
  hooks: Hooks;
  nonce: NonceMode;
  clock: Clock;
  log: Log;
  /** Stops between two hooks and in the middle of one; the same ticket then goes on from there. */
  signal?: AbortSignal;
}

export type TurnResult = { receipt: Receipt } | { refused: TurnRefused };

type FinishedHook = HookProgress & { outcome: HookOutcome };

/**
 * Fetches the ticket and turns the key. When this returns a receipt, the key that it proves lasts. Without a newer ticket
 * it gives the receipt of the key that is held, whenever the former attempt died; a refusal changes nothing.
 *
 * @throws Failure when a file or the lock cannot be had; it may then be tried again
 */
export async function turn(parts: TurnParts): Promise<TurnResult> {
  const { disk, places, lock } = parts;
  // Looked at before the lock, so that an instance without state is not given any.
  const held = await readKeyFile(disk, places.key);
  if (held === undefined) return { refused: { reason: "NO_KEY" } };
  const fetched = await fetchTicket(held, parts);
  if ("reason" in fetched) return refusalOf(held, held.generation + 1, fetched.reason);
  return lock.hold(() => turnLocked(fetched.ticket, parts));
}

function refusalOf({ id }: KeyFile, generation: number, reason: TicketRefusal): TurnResult {
  return { refused: { id, generation, reason } };
}

async function turnLocked(ticket: Ticket | undefined, parts: TurnParts): Promise<TurnResult> {
  const { disk, places, log } = parts;
  await removeLeftovers(disk, [places.key]);
  const held = await readKeyFile(disk, places.key);
  if (held === undefined) return { refused: { reason: "NO_KEY" } };
  const judgement = judgeTicket(ticket, held, parts.nonce);
  if (judgement.kind === "refuse") {
    return refusalOf(held, ticket?.generation ?? held.generation + 1, judgement.reason);
  }
  if (ticket === undefined || judgement.kind === "repeat") {
    // The first attempt may have died after the rename and before it lasted; a receipt must not outlive its key.
    await disk.syncFolder(places.folder);
    return { receipt: receiptOf(held, await finishHooks(parts, held)) };
  }
  const turned: KeyFile = {
    version: 1,
    id: held.id,
    ec2InstanceId: held.ec2InstanceId,
    generation: held.generation + 1,
    key: successor(held.key, ticket.nonce),
    nonce: ticket.nonce,
    hooks: await plannedHooks(parts),
  };
  await storeKeyFile(disk, places.key, turned);
  try {
    await writeSample({ ...parts, keyPath: places.key }, parts.signal);
  } catch (error) {
    const fields = { id: turned.id, generation: turned.generation };
    log.warn(`The key is turned, but no sample was written: ${sentenceOf(error)}`, fields);
  }
  return { receipt: receiptOf(turned, await finishHooks(parts, turned)) };
}

/** Which hooks this turn runs, decided once, so that a repeated ticket runs no others. */
async function plannedHooks(parts: TurnParts): Promise<HookProgress[]> {
  try {
    return (await parts.hooks.list()).map((name) => ({ name, outcome: "pending" }));
  } catch (error) {
    parts.log.error(`The hooks cannot be listed, so none will run: ${sentenceOf(error)}`);
    return [{ name: basename(parts.hooks.folder), outcome: "failed" }];
  }
}

/** Runs the hooks that are still to be run, noting each in the key file as soon as it has ended. */
async function finishHooks(parts: TurnParts, file: KeyFile): Promise<FinishedHook[]> {
  const { hooks, disk, places, log } = parts;
  const { id, generation } = file;
  const finished: FinishedHook[] = [];
  const planned = file.hooks ?? [];
  const budget = hooks.begin(parts.signal);
  for (const [index, { name, outcome: known }] of planned.entries()) {
    if (known !== "pending") {
      finished.push({ name, outcome: known });
      continue;
    }
    if (parts.signal?.aborted) throw new Failure("Stopped between two hooks; the same ticket goes on from here.");
    const outcome = await runHook(parts, budget, name, file);
    finished.push({ name, outcome });
    if (outcome !== "done") log.error("A hook did not succeed.", { id, generation, hook: name, outcome });
    await storeKeyFile(disk, places.key, { ...file, hooks: [...finished, ...planned.slice(index + 1)] }).catch(
      (error: unknown) => {
        // The key lasts already. Should this turn die, the hook is run once more.
        if (!(error instanceof Failure)) throw error;
        log.error(`That a hook has run could not be noted: ${error.message}`, { id, generation, hook: name, outcome });
      },
    );
  }
  return finished;
}

/** A hook that cannot even be begun has failed; it does not withhold the receipt either. */
async function runHook(parts: TurnParts, budget: HookRuns, name: string, file: KeyFile): Promise<HookOutcome> {
  try {
    return await budget.run(name, {
      KEYTURN_KEY_FILE: parts.places.key,
      KEYTURN_ID: file.id,
      KEYTURN_GENERATION: String(file.generation),
    });
  } catch (error) {
    if (parts.signal?.aborted) throw error;
    parts.log.error(`A hook could not be run: ${sentenceOf(error)}`, { id: file.id, hook: name });
    return "failed";
  }
}

/** Hooks may have any names and be any number; the receipt tells of them in the form that both sides know. */
function receiptOf(file: KeyFile, hooks: FinishedHook[]): Receipt {
  const { id, ec2InstanceId, generation, key } = file;
  const nonce = file.nonce ?? "";
  const proof = receiptProof({ key, id, ec2InstanceId, generation, nonce });
  return { id, generation, proof, hooks: hookReports(hooks) };
}
