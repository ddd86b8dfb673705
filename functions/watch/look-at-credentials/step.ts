import { alterCredential, putCredentialLines } from "../../credential/alter.ts";
import type { CredentialRecord } from "../../credential/record.ts";
import { tokenFacts } from "../../credential/token-facts.ts";
import { type Found, stands } from "../../findings/finding.ts";
import { openFinding } from "../../findings/open.ts";
import { neverStood } from "../../findings/storm.ts";
import { endFinding } from "../../findings/tell.ts";
import { eachAtOnce } from "../../shared/at-once.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { CredentialSettings } from "../../shared/credential-settings.ts";
import { functionNameIn, originOf } from "../../shared/names.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { goOnWithCredential, noteUnnoted } from "../go-on-with-credential.ts";
import { isRotatedBy, type Judged, judgeCredential } from "../judge-credential.ts";
import type { SeenCredential } from "../seen-credential.ts";
import { withoutTheOthers } from "../without-the-others.ts";
import type { contract } from "./contract.ts";

type Neighbours = NeighboursOf<typeof contract>;

/** When the next look comes after one, in looks: earlier, it is the same one that is tried again. */
const NEXT_LOOK = { from: 0.5, to: 1.5 };

/**
 * Judges what was read of the credentials, tells people of what is wrong and ends what is over, puts audit lines that are due,
 * and goes on with what executions have left behind. One that cannot be looked at is told of and passed over.
 *
 * A credential costs, in each look while all is well: one DescribeSecret and one GetResourcePolicy, one read of its item and
 * one of each of the seven findings that a look may end, of a token eight. Where the settings name none, it costs nothing.
 */
export async function lookAtCredentials(
  { credentials, execution }: InputOf<typeof contract>,
  neighbours: Neighbours,
): Promise<OutputOf<typeof contract>> {
  const { credentialSettings, journal } = neighbours;
  let [refused, begun] = [0, 0];
  await eachAtOnce(credentials, async (seen) => {
    const credential = credentialSettings.find(({ name }) => name === seen.name);
    // It was taken out of the settings a moment ago.
    if (credential === undefined) return;
    if (seen.says.some(({ says }) => says === "REFUSED")) refused += 1;
    await withoutTheOthers({ subject: seen.name, execution, facts: {} }, neighbours, async () => {
      if (await look(seen, credential, execution, neighbours)) begun += 1;
    });
  });
  if (credentials.length > 0) journal.count("CredentialLook");
  return { looked: credentials.length, refused, begun };
}

/** @returns whether an execution was started, or a rotation was asked for */
async function look(
  seen: SeenCredential,
  credential: CredentialSettings,
  execution: string,
  neighbours: Neighbours,
): Promise<boolean> {
  const { secrets, now } = neighbours;
  const { name } = credential;
  const record = await noteUnnoted(seen, await noteLookedFor(credential, neighbours), neighbours);
  await putCredentialLines(record, neighbours);
  const oversight = seen.stages && (await secrets.oversight(name));
  const movedByOthers = await findMovedByOthers(seen, record, neighbours);
  const account = execution.split(":")[4] ?? "";
  const rotator = functionNameIn(originOf(execution).prefix, { flow: "credential", name: "rotate" });
  const moment = { now: now(), account, rotator, credential, movedByOthers };
  const judged = judgeCredential(seen, record, oversight, moment);
  const facts = tokenFacts(credential, record, serves(seen, record));
  for (const one of judged) await tellOrEnd(one, { subject: name, execution, facts }, neighbours);
  return goOnWithCredential(
    { ...seen, credential, isRotated: oversight !== undefined && isRotatedBy(rotator, oversight) },
    record,
    neighbours,
  );
}

/** Whether nobody refuses the version that was promoted last; undefined where another one is the current one. */
function serves({ stages, says }: SeenCredential, { current }: CredentialRecord): boolean | undefined {
  return stages?.current === current?.versionId ? says.every((one) => one.says !== "REFUSED") : undefined;
}

/** Notes since when each consumer is looked for that the settings name, and forgets those that they name no more. */
async function noteLookedFor(
  { name, consumers }: CredentialSettings,
  { credentials, now }: Neighbours,
): Promise<CredentialRecord> {
  const at = now();
  return alterCredential(
    name,
    (record) => {
      const { lookedFor = {} } = record;
      const isSame =
        Object.keys(lookedFor).length === consumers.length &&
        consumers.every((one) => Object.hasOwn(lookedFor, one.name));
      if (isSame) return undefined;
      const next = consumers.map((one) => [one.name, Object.hasOwn(lookedFor, one.name) ? lookedFor[one.name] : at]);
      return { ...record, lookedFor: Object.fromEntries(next) };
    },
    { credentials },
  );
}

/**
 * The version that is current and that Keyturn has not promoted, after it had promoted one. A turn may have taken place since
 * it was seen: so where it looks like that, the labels are read again, and after them the record, which says so before the
 * labels do.
 */
async function findMovedByOthers(
  { name, stages }: SeenCredential,
  record: CredentialRecord,
  { secrets, credentials }: Neighbours,
): Promise<string | undefined> {
  if (!isMoved(stages?.current, record)) return undefined;
  const current = (await secrets.stages(name))?.current;
  return isMoved(current, await credentials.find(name)) ? current : undefined;
}

function isMoved(version: string | undefined, record: CredentialRecord | undefined): boolean {
  const { current, confirmed } = record ?? {};
  if (version === undefined || current === undefined) return false;
  return version !== current.versionId && version !== confirmed?.versionId;
}

/** Tells people of what is wrong, and ends what people were told and is no more. */
async function tellOrEnd(
  { cause, said, brief = false }: Judged,
  { subject, execution, facts }: Omit<Found, "cause">,
  neighbours: Neighbours,
): Promise<void> {
  const { findings } = neighbours;
  if (said !== undefined) {
    const found = { subject, cause, execution, facts: { said, ...facts } };
    const known = brief ? await findings.find(found) : undefined;
    const isTold = !brief || (known !== undefined && stands(known)) || (await isSecondLook(found, neighbours));
    if (isTold) await openFinding(found, neighbours);
    return;
  }
  const known = await findings.find({ subject, cause });
  if (known !== undefined && stands(known)) await endFinding(known, neighbours);
}

/** Whether the look before has come upon it, too; what this one has is remembered for the next, as no finding. */
async function isSecondLook(
  found: { subject: string; cause: string; execution: string },
  { findings, now, looksEveryMs }: Neighbours,
): Promise<boolean> {
  const at = now();
  const memory = { ...found, cause: `${found.cause}.Once`, facts: {} };
  const before = await findings.find(memory);
  const looksAgo = (at - (before?.seenAt ?? 0)) / looksEveryMs;
  if (looksAgo < NEXT_LOOK.from) return false;
  await findings.write(neverStood(memory, at), before);
  return looksAgo <= NEXT_LOOK.to;
}
