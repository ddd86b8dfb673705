import { judgeOf } from "../../clients/authorities.ts";
import type { Answer } from "../../clients/authority.ts";
import type { Stages } from "../../clients/secrets.ts";
import { readUses } from "../../credential/read-uses/step.ts";
import { readLogin } from "../../credential/secret-value.ts";
import { versionsInForce } from "../../credential/versions.ts";
import { eachAtOnce } from "../../shared/at-once.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { CredentialSettings } from "../../shared/credential-settings.ts";
import { nameError } from "../../shared/name-error.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { printable } from "../../shared/printable.ts";
import type { SeenCredential } from "../seen-credential.ts";
import type { contract } from "./contract.ts";

type Neighbours = NeighboursOf<typeof contract>;

/** A database may say much, and what a state holds has its limit. */
const LONGEST_WORDS = 200;
/** How often a login is tried: the second time where another one became the current one meanwhile. */
const TRIES = 2;

/**
 * Reads each credential of the settings. Of one that cannot be read it is said why, and the others are read all the same.
 *
 * A database's credential costs, in each look: one DescribeSecret and two GetSecretValue (the value in force and the manager's; one more
 * for each of the two versions of which there are use proofs, and one more DescribeSecret while consumers are awaited); three reads
 * of its item and, where somebody was seen, one write; the time series' query; on each server one session of the login and
 * one of the manager. A token costs the same at AWS without the manager's value, and one request to the probe. Where the settings
 * name none, it costs nothing.
 */
export async function readCredentials(
  _: InputOf<typeof contract>,
  neighbours: Neighbours,
): Promise<OutputOf<typeof contract>> {
  const { credentialSettings } = neighbours;
  const seen = new Map<string, SeenCredential>();
  await eachAtOnce(credentialSettings, async (credential) => {
    seen.set(credential.name, await readCredential(credential, neighbours));
  });
  return { credentials: credentialSettings.flatMap(({ name }) => seen.get(name) ?? []) };
}

async function readCredential(credential: CredentialSettings, neighbours: Neighbours): Promise<SeenCredential> {
  const seen: SeenCredential = { name: credential.name, says: [] };
  try {
    const value = await lookAtLogin(seen, credential, neighbours);
    const { current, predecessor } = seen.stages ?? {};
    // Whoever cannot be reached shows no sessions either.
    if (current !== undefined && seen.says.every(({ says }) => says !== "UNREACHABLE")) {
      const record = await neighbours.credentials.find(credential.name);
      const versions = versionsInForce({ current, predecessor }, value, record, credential);
      const rotation = { secret: credential.name, token: current, ...versions, waits: 0 };
      const { moved, behind } = await readUses(rotation, neighbours);
      seen.uses = { moved, behind: behind.length };
    }
  } catch (error) {
    const { name, message } = nameError(error);
    seen.failed = { error: name, said: cut(message) };
  }
  return seen;
}

/**
 * Writes into what was seen the secret's versions, and what the servers say of the current one.
 *
 * @returns the current version's value
 */
async function lookAtLogin(
  seen: SeenCredential,
  credential: CredentialSettings,
  { secrets, authorities }: Neighbours,
): Promise<string | undefined> {
  const { name } = credential;
  let stages = await secrets.stages(name);
  let value: string | undefined;
  for (let tries = 0; tries < TRIES && stages !== undefined; tries += 1) {
    const { current } = stages;
    seen.stages = withoutNone(stages);
    value = current === undefined ? undefined : await secrets.read(name, current);
    const login = readLogin(value, credential);
    seen.says = login === undefined ? [] : (await judgeOf(credential, authorities).accepts(login)).map(asSaid);
    if (seen.says.length > 0 && seen.says.every(({ says }) => says !== "REFUSED")) break;
    stages = await secrets.stages(name);
    if (stages?.current === current) break;
  }
  return value;
}

function withoutNone(stages: Stages): NonNullable<SeenCredential["stages"]> {
  return Object.fromEntries(Object.entries(stages).filter(([, version]) => version !== undefined));
}

function asSaid(answer: Answer): SeenCredential["says"][number] {
  const { host, says } = answer;
  return { host, says, ...(answer.says !== "ACCEPTED" && { words: cut(answer.words) }) };
}

function cut(words: string): string {
  return printable(words.slice(0, LONGEST_WORDS));
}
