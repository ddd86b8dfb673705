import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { eachAtOnce } from "../../functions/shared/at-once.ts";
import { isAgentTooOld, isInstanceId, OLDEST_AGENT } from "../../protocol/index.ts";
import type { Context } from "../context.ts";
import { misused, refused } from "../exits.ts";
import { readFleet } from "../reads/fleet.ts";
import { type Instance, instanceFrom, listInstances, PROJECTION } from "../reads/instances.ts";
import { itemsIn } from "../reads/items.ts";
import { meetsAll, type Test } from "../where.ts";

/**
 * The IDs of instances that somebody has typed, each once.
 *
 * @throws Stopped (2) where one is none
 */
export function demandIds(typed: readonly string[]): string[] {
  for (const text of typed) {
    if (!isInstanceId(text)) {
      throw misused(`"${text}" is not the ID of an instance: it has 6 lower-case hexadecimal characters.`);
    }
  }
  return [...new Set(typed)];
}

/**
 * The records of instances, in the order in which they were named.
 *
 * @throws Stopped (3) where one of them has none: it was mistyped, so perhaps another one, too
 */
export async function readMeant(ids: readonly string[], context: Pick<Context, "place" | "out">): Promise<Instance[]> {
  const client = itemsIn(context);
  const TableName = context.place.names.instanceTable;
  const found = new Map<string, Instance>();
  await eachAtOnce(ids, async (id) => {
    const { Item } = await client.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true, ...PROJECTION }));
    if (Item !== undefined) found.set(id, instanceFrom(Item));
  });
  const unknown = ids.filter((id) => !found.has(id));
  if (unknown.length > 0) {
    const named = unknown.slice(0, 5).join(", ") + (unknown.length > 5 ? ` and ${unknown.length - 5} more` : "");
    throw refused(`No instance is registered under ${named}, so nothing was done. \`keyturn fleet\` shows all IDs.`);
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** Everybody who is not retired. */
export async function listLive(context: Context): Promise<Instance[]> {
  return (await listInstances(context)).filter(({ status }) => status !== "RETIRED");
}

/** Everybody whose key a run over the fleet turns, and of whom every test holds. */
export async function listTurnable(tests: readonly Test[], context: Context): Promise<Instance[]> {
  const isTurnable = ({ status }: Instance) => status === "ACTIVE" || status === "NEW";
  if (tests.length === 0) return (await listInstances(context)).filter(isTurnable);
  const { looked } = await readFleet(context);
  const fitting = looked.filter((one) => meetsAll(tests, one, context.now()));
  return fitting.map(({ instance }) => instance).filter(isTurnable);
}

/** Those who are not retired and of whom, or of whose host, a finding with a cause stands, as a rekey of them finds them. */
export async function listWithCause(cause: string, context: Context): Promise<Instance[]> {
  const { looked } = await readFleet(context);
  const found = looked.filter(({ findings }) => findings.some((one) => one.cause === cause));
  return found.map(({ instance }) => instance).filter(({ status }) => status !== "RETIRED");
}

/**
 * Refuses beforehand what the flow would refuse: whoever does not wait for it would never hear of that.
 *
 * @throws Stopped (3) with a sentence
 */
export function demandTurnable({ id, status }: Instance): void {
  if (status === "RETIRED") throw refused(`${id} is retired: its keys are erased, and its ID is never used again.`);
  if (status === "QUARANTINED") {
    throw refused(`${id} is in quarantine, and is not turned. \`keyturn release ${id}\` lets it out.`);
  }
}

/**
 * The same of a rekey.
 *
 * @param anew whether somebody else has answered: he may have registered in its name as an agent that says no version
 * @throws Stopped (3) with a sentence
 */
export function demandRekeyable(instance: Instance, anew: boolean): void {
  const { id, status, agentVersion } = instance;
  demandTurnable(instance);
  if (status === "NEW") {
    throw refused(
      `${id} is new beside a former record of its host, and is turned by itself when that has fallen silent.`,
    );
  }
  if (anew || !isAgentTooOld(agentVersion)) return;
  throw refused(
    `The agent of ${id} is older than ${OLDEST_AGENT}, and cannot agree a new key. Install this deployment's agent, then ask again.`,
  );
}
