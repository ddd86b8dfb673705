import { isEc2InstanceId, isInstanceId } from "../../../protocol/index.ts";
import type { Registry } from "../../clients/registry.ts";
import { newRecord } from "../../credential/record.ts";
import { type Finding, FLEET, isUntold, stands } from "../../findings/finding.ts";
import { firstLookAt, gather } from "../../findings/gather.ts";
import { openFinding } from "../../findings/open.ts";
import { isOver } from "../../findings/over.ts";
import { isStorm, stormIsOver } from "../../findings/storm.ts";
import { claimed, endFinding, tell } from "../../findings/tell.ts";
import type { StoredRecord } from "../../record/record.ts";
import { eachAtOnce } from "../../shared/at-once.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { stormMail } from "../../telling/gathered-mail.ts";
import { isHostsTurn } from "../hosts-turn.ts";
import type { contract } from "./contract.ts";

type Neighbours = NeighboursOf<typeof contract>;

/**
 * Ends a look: whatever is over is ended, and what was claimed and not mailed, or opened or ended and not put on the bus, is
 * told now. Storms are mailed here, with all that are of them; and once a day one mail gathers what stands. Whichever of this
 * cannot be done, the rest is.
 *
 * @throws the first error, once all is done
 */
export async function notifySns(
  { at, complete, execution, seal }: InputOf<typeof contract>,
  neighbours: Neighbours,
): Promise<OutputOf<typeof contract>> {
  const { now, journal } = neighbours;
  const open = await openFindings(neighbours);
  // As they stand then: the index, asked a second time, might still have them as they were.
  const after = [...open];
  let told = 0;
  let ended = 0;
  const errors: unknown[] = [];
  const noted = (error: unknown) => void errors.push(error);
  await eachAtOnce([...open.entries()], async ([place, finding]) => {
    // Also of what is over by now: people have a right to know that it was.
    const known = isUntold(finding, at) ? await tellInPlaceOfOthers(finding, open, neighbours) : finding;
    if (known === undefined) return;
    after[place] = known;
    if (known !== finding) told += 1;
    const isNews = stands(known) && (await isOverNow(known, open, { at, complete }, neighbours));
    if (!isNews && (stands(known) || known.endAnnouncedAt !== undefined)) return;
    after[place] = (await endFinding(known, neighbours)) ?? known;
    if (isNews) ended += 1;
  }).catch(noted);
  let gathered = false;
  await gather(after, { execution, seal }, neighbours).then((isSent) => {
    gathered = isSent;
  }, noted);
  await lookAtSchedule(execution, neighbours).catch(noted);
  if (errors.length > 0) throw errors[0];
  journal.duration("LookDuration", now() - at);
  // The alarm that says when nobody looks any more counts these.
  if (complete) journal.count("Look");
  return { standing: after.filter(stands).length, ended, told, gathered };
}

async function openFindings({ findings }: Neighbours): Promise<Finding[]> {
  const open: Finding[] = [];
  let after: string | undefined;
  do {
    const page = await findings.listOpen(after);
    open.push(...page.findings);
    after = page.next;
  } while (after !== undefined);
  return open;
}

async function isOverNow(
  finding: Finding,
  open: Finding[],
  { at, complete }: { at: number; complete: boolean },
  { registry, credentials, credentialSettings, looksEveryMs, proofsEveryMs }: Neighbours,
): Promise<boolean> {
  if (isStorm(finding)) return stormIsOver(finding, membersOf(finding, open).filter(stands).length, at);
  const { subject } = finding;
  const record = await recordOf(finding, registry);
  const isCredential = credentialSettings.some(({ name }) => name === subject);
  const credential = isCredential ? ((await credentials.find(subject)) ?? newRecord(subject)) : undefined;
  const hadTurn = isEc2InstanceId(subject) && isHostsTurn(subject, at, { looksEveryMs, proofsEveryMs });
  return isOver(finding, record, { at, complete, hadTurn, proofsEveryMs, credential });
}

/** The record that a finding is about: hosts also ask for what is another's. */
async function recordOf({ subject, facts }: Finding, registry: Registry): Promise<StoredRecord | undefined> {
  const id = [subject, facts.id].find(isInstanceId);
  const record = id === undefined ? undefined : await registry.find(id);
  return record?.id === subject || record?.ec2InstanceId === subject ? record : undefined;
}

function membersOf(storm: Finding, open: Finding[]): Finding[] {
  return open.filter(({ cause, subject }) => cause === storm.cause && subject !== FLEET);
}

/** @returns the finding as it is told; undefined where somebody else has told meanwhile, or is at it */
async function tellInPlaceOfOthers(
  finding: Finding,
  open: Finding[],
  neighbours: Neighbours,
): Promise<Finding | undefined> {
  // The index lags: it may stand there no more as it was read.
  const mine = await neighbours.findings.write(claimed(finding, neighbours.now()), finding);
  if (mine === undefined) return undefined;
  return isStorm(mine)
    ? tell(mine, neighbours, (storm) => stormMail(storm, membersOf(storm, open)))
    : tell(mine, neighbours);
}

/** No run over the fleet was started for long, or none ever since the watch looks. It is over with the next run. */
async function lookAtSchedule(execution: string, neighbours: Neighbours): Promise<void> {
  const { executions, findings, now, silentAfterMs } = neighbours;
  // Where exposed keys alone are shut, there is no such flow, nor a right to ask for it.
  if (silentAfterMs === Number.POSITIVE_INFINITY) return;
  const last = await executions.lastStart("fleet-rotation");
  const since = last ?? (await firstLookAt(findings));
  if (since === undefined) return;
  const silent = { subject: FLEET, cause: "ScheduleSilent" };
  if (now() - since >= silentAfterMs) {
    const said = last === undefined ? "None ever was." : `The last run was started ${new Date(last).toISOString()}.`;
    await openFinding({ ...silent, execution, facts: { said } }, neighbours);
    return;
  }
  const known = await findings.find(silent);
  if (known !== undefined && stands(known)) await endFinding(known, neighbours);
}
