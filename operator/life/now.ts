import { ago, moment as momentOf } from "../output/time.ts";
import type { Credential } from "../reads/credentials.ts";
import type { Instance } from "../reads/instances.ts";
import type { Life } from "../reads/life.ts";

/** What stands in one line behind a label. */
export type Labelled = readonly [label: string, text: string];

/** What a subject is now, as its record says; one line where there is none. */
export function nowOf({ subject, instance, otherIds, credential }: Life, now: number): Labelled[] {
  if (instance !== undefined) return ofInstance(instance, otherIds, now);
  if (credential !== undefined) return ofCredential(credential, now);
  return [[subject, "no record of it; what follows is what there is of it"]];
}

function ofInstance(instance: Instance, otherIds: readonly string[], now: number): Labelled[] {
  const { id, status, ec2InstanceId, ip, agentVersion, generation, keySince, dueAt, retiredAt, registeredAt } =
    instance;
  const { verdict, judgedAt, lastProofAt, failingSince, waitingSince, isRekeyed } = instance;
  const key = generation !== undefined && `generation ${generation}, since ${moment(keySince, now)}`;
  return present([
    [id, [status, ec2InstanceId, ip].filter(Boolean).join("  ")],
    ["Other IDs", otherIds.length > 0 && `${otherIds.join(", ")}, of the same host`],
    ["Key", key && `${key}${dueAt === undefined ? "" : `; next turn ${ago(dueAt, now)}`}`],
    ["Rekey", isRekeyed === true && "one stands: the instance is to agree a new key"],
    ["Proofs", judgedAt !== undefined && `${verdict ?? "no verdict"}, judged ${moment(judgedAt, now)}`],
    ["Last proof", lastProofAt !== undefined && moment(lastProofAt, now)],
    ["Failing", failingSince !== undefined && `it could not be turned since ${moment(failingSince, now)}`],
    ["Waiting", waitingSince !== undefined && `for a proof, since ${moment(waitingSince, now)}`],
    ["Agent", agentVersion ?? false],
    ["Registered", registeredAt !== undefined && moment(registeredAt, now)],
    ["Retired", retiredAt !== undefined && moment(retiredAt, now)],
  ]);
}

function ofCredential({ name, current, predecessor, failing, sightings }: Credential, now: number): Labelled[] {
  const shut = predecessor?.shutAt === undefined ? "still let in" : `shut ${moment(predecessor.shutAt, now)}`;
  const seen = sightings.toSorted((one, other) => (one.consumer < other.consumer ? -1 : 1));
  return present([
    [
      name,
      failing === undefined ? "credential" : `credential, failing since ${moment(failing.since, now)}: ${failing.what}`,
    ],
    ["Next try", failing !== undefined && moment(failing.nextTryAt, now)],
    [
      "Current",
      current !== undefined && `${current.user}, version ${current.versionId}, since ${moment(current.since, now)}`,
    ],
    ["Good until", current?.life !== undefined && moment(current.life.to, now)],
    ["Former", predecessor !== undefined && `${predecessor.user}, ${shut}`],
    ...seen.map(({ consumer, user, at, address }): [string, string] => {
      const where = address === undefined ? "" : ` at ${address}`;
      return ["Seen", `${consumer || "one who gives no name"}${where} with ${user}, ${moment(at, now)}`];
    }),
  ]);
}

function present(lines: readonly (readonly [label: string, text: string | false])[]): Labelled[] {
  return lines.flatMap(([label, text]) => (text === false ? [] : [[label, text] as const]));
}

function moment(at: number | undefined, now: number): string {
  const said = momentOf(at);
  // Of a record that somebody has altered it may be none.
  return said === "-" ? said : `${said} (${ago(at, now)})`;
}
