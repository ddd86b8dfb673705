import { findEach } from "../../clients/find-each.ts";
import { isTold, stands } from "../../findings/finding.ts";
import { isOver } from "../../findings/over.ts";
import { endFinding } from "../../findings/tell.ts";
import { isRetired, type StoredRecord } from "../../record/record.ts";
import { SOUND } from "../../rotation/verdicts.ts";
import { eachAtOnce } from "../../shared/at-once.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { MOST_NAMED } from "../../shared/meant.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { judgeProofs } from "../judge-proofs.ts";
import { aboutOf, demandForm } from "../of-record.ts";
import { withoutTheOthers } from "../without-the-others.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;
type Output = OutputOf<typeof contract>;
type Checked = Output["instances"][number];

/** All that can be named one by one are one page. */
const PAGE = MOST_NAMED;

/** With whom something is wrong. */
const WRONG: readonly string[] = ["MISMATCH", "CONFLICT", "STALE", "UNREADABLE"] satisfies Checked["verdict"][];
/** What was told by a verdict, and is over with a sound one. */
const BY_VERDICT = ["MISMATCH", "CONFLICT", "STALE"];

/**
 * Judges a page of those who are meant, however lately they were judged, as a look does; what was told of those whose proofs
 * fit again is ended. It turns no key and starts nothing: whatever is to follow of a verdict is left to the next look, and so
 * is telling people of silence, since EC2 is to be asked first.
 */
export async function checkRecords({ check, after, execution }: Input, neighbours: Neighbours): Promise<Output> {
  const { registry } = neighbours;
  const page = check.ids === undefined ? await registry.listPage({ limit: PAGE, after }) : undefined;
  const records = page?.records.filter((record) => !isRetired(record)) ?? [
    ...(await findEach(registry, check.ids ?? [])).values(),
  ];
  const verdicts = new Map<string, Checked["verdict"]>();
  await eachAtOnce(records, async (record) => {
    verdicts.set(record.id, await verdictOn(record, execution, neighbours));
  });
  const named = [...new Set(check.ids ?? records.map(({ id }) => id))];
  const instances = named.map((id): Checked => ({ id, verdict: verdicts.get(id) ?? "UNKNOWN" }));
  const sound = instances.filter(({ verdict }) => SOUND.includes(verdict)).length;
  const wrong = instances.filter(({ verdict }) => WRONG.includes(verdict));
  return {
    ...{ checked: instances.length, sound, wrong: wrong.length, other: instances.length - sound - wrong.length },
    instances: check.ids === undefined ? wrong : instances,
    ...(page?.next !== undefined && { next: page.next }),
  };
}

async function verdictOn(record: StoredRecord, execution: string, neighbours: Neighbours): Promise<Checked["verdict"]> {
  if (isRetired(record)) return "RETIRED";
  if (record.status !== "ACTIVE") return record.status;
  let verdict: Checked["verdict"] = "UNREADABLE";
  await withoutTheOthers(aboutOf(record, execution), neighbours, async () => {
    demandForm(record);
    // What it may have turned to beyond its record the next look has a rotation derive, since it judges this one again.
    verdict = await judgeProofs(record, execution, neighbours, async () => {});
    if (SOUND.includes(verdict) && !SOUND.includes(record.verdict ?? "")) await endByVerdict(record.id, neighbours);
  });
  return verdict;
}

/** Ends what is over now. What nobody was told of yet the next look tells, and ends after that. */
async function endByVerdict(id: string, neighbours: Neighbours): Promise<void> {
  const { registry, findings, now, proofsEveryMs } = neighbours;
  const record = await registry.find(id);
  for (const cause of BY_VERDICT) {
    const finding = await findings.find({ subject: id, cause });
    if (finding === undefined || !stands(finding) || !isTold(finding)) continue;
    const moment = { at: now(), complete: false, hadTurn: false, proofsEveryMs };
    if (isOver(finding, record, moment)) await endFinding(finding, neighbours);
  }
}
