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
import { removeLeftovers } from "../disk.ts";
import { Failure, sentenceOf } from "../failure.ts";
import { writeSample } from "../samples/write-sample.ts";
import type { SeriesWriter } from "../series/writer.ts";
import { type Held, readHeld } from "../state/held.ts";
import { type HookProgress, type KeyFile, storeKeyFile } from "../state/key-file.ts";
import type { Lock } from "../state/lock.ts";
import type { Places } from "../state/places.ts";
import { eraseSpentPairs } from "../state/rekey-file.ts";
import { agreeRekey, type RekeyParts } from "./agree-rekey.ts";
import { fetchTicket } from "./fetch-ticket.ts";
import type { HookRuns, Hooks } from "./hooks.ts";
import { judgeTicket } from "./ticket.ts";
import type { Tickets } from "./tickets.ts";

export interface TurnParts extends RekeyParts {
  places: Pick<Places, "folder" | "identity" | "key" | "rekey">;
  lock: Lock;
  tickets: Tickets;
  series: SeriesWriter;
  hooks: Hooks;
  nonce: NonceMode;
  clock: Clock;
  /** Stops between two hooks and in the middle of one; the same ticket then goes on from there. */
  signal?: AbortSignal;
}

export type TurnResult = { receipt: Receipt } | { refused: TurnRefused };

type FinishedHook = HookProgress & { outcome: HookOutcome };

/**
 * Fetches the ticket and turns the key, or agrees another one where the ticket is of a rekey. When this returns a receipt,
 * the key that it proves lasts. Without a newer ticket it gives the receipt of the key that is held, whenever the former
 * attempt died; a refusal changes nothing.
 *
 * @throws Failure when a file or the lock cannot be had, or the key file is damaged and no rekey is asked for; it may then
 *   be tried again
 */
export async function turn(parts: TurnParts): Promise<TurnResult> {
  const { disk, places, lock } = parts;
  // Looked at before the lock, so that an instance without state is not given any.
  const held = await readHeld(disk, places);
  if (held === undefined) return { refused: { reason: "NO_KEY" } };
  const fetched = await fetchTicket(held, parts);
  if ("reason" in fetched) return refusalOf(held, undefined, fetched.reason);
  return lock.hold(() => turnLocked(fetched.ticket, parts));
}

/** @throws Failure if there is a key file that is no good, which is then what has to be said */
function refusalOf({ id, key, trouble }: Held, ticket: Ticket | undefined, reason: TicketRefusal): TurnResult {
  if (trouble !== undefined) throw trouble;
  if (key === undefined && reason === "NO_KEY") return { refused: { reason } };
  const generation = ticket?.generation ?? (key && key.generation + 1);
  return { refused: { id, ...(generation !== undefined && { generation }), reason } };
}

async function turnLocked(ticket: Ticket | undefined, parts: TurnParts): Promise<TurnResult> {
  const { disk, places, log } = parts;
  await removeLeftovers(disk, [places.key, places.rekey]);
  const held = await readHeld(disk, places);
  if (held === undefined) return { refused: { reason: "NO_KEY" } };
  if (held.key !== undefined) await eraseSpentPairs(parts, held.key);
  const judgement = judgeTicket(ticket, held.key, parts.nonce);
  switch (judgement.kind) {
    case "refuse":
      return refusalOf(held, ticket, judgement.reason);
    case "repeat":
      // The first attempt may have died after the rename and before it lasted; a receipt must not outlive its key.
      await disk.syncFolder(places.folder);
      return { receipt: receiptOf(judgement.held, await finishHooks(parts, judgement.held)) };
    case "turn":
      return turnTo(judgement.ticket, successor(judgement.held.key, judgement.ticket.nonce), held, parts);
    case "rekey": {
      const { id } = held;
      const { generation } = judgement.ticket;
      const agreed = await agreeRekey(held, judgement.ticket, parts);
      if ("reason" in agreed) return { refused: { id, generation, reason: agreed.reason } };
      log.info("A new key was agreed.", { id, generation });
      return turnTo(judgement.ticket, agreed.key, held, parts);
    }
  }
}

/** Stores the key that a ticket leads to, proves it once, and does what is to be done after that. */
async function turnTo(
  { generation, nonce }: Ticket,
  key: string,
  { id, ec2InstanceId }: Held,
  parts: TurnParts,
): Promise<TurnResult> {
  const { disk, places, log } = parts;
  const hooks = await plannedHooks(parts);
  const turned: KeyFile = { version: 1, id, ec2InstanceId, generation, key, nonce, hooks };
  await storeKeyFile(disk, places.key, turned);
  await eraseSpentPairs(parts, turned);
  try {
    await writeSample({ ...parts, keyPath: places.key }, parts.signal);
  } catch (error) {
    log.warn(`The key is turned, but no sample was written: ${sentenceOf(error)}`, { id, generation });
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
