import { findNamed } from "../../clients/find-live.ts";
import type { Hosts, ListedHost } from "../../clients/hosts.ts";
import { openFinding } from "../../findings/open.ts";
import { WINDOW_INTERVALS } from "../../record/due.ts";
import { eachAtOnce } from "../../shared/at-once.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/**
 * Looks at a page of the hosts that are Keyturn's by their tag. One that runs and has no live record is one whose agent never
 * came up, or whose record was deleted or is missing in a table that was restored. Each host's turn comes as often as proofs
 * are judged: a look takes its share of them, since each costs two reads.
 */
export async function lookAtHosts(
  { at, after, execution }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, hosts, intervalMs, looksEveryMs, proofsEveryMs } = neighbours;
  const shares = Math.max(1, Math.round(proofsEveryMs / looksEveryMs));
  const share = Math.floor(at / looksEveryMs) % shares;
  const page = await severalPages(hosts, after);
  const isUp = ({ state, launchedAt }: ListedHost) =>
    state === "running" && at - launchedAt >= WINDOW_INTERVALS * intervalMs;
  const turn = page.hosts.filter(isUp).filter(({ ec2InstanceId }) => shareOf(ec2InstanceId, shares) === share);
  let without = 0;
  await eachAtOnce(turn, async ({ ec2InstanceId }) => {
    const owner = await registry.findOwner(ec2InstanceId);
    if ((await findNamed(registry, owner?.holder, ec2InstanceId)) !== undefined) return;
    without += 1;
    const said =
      owner?.holder === undefined ? "It has never registered." : `It was ${owner.holder}, whose record is gone.`;
    const facts = { said, ...(owner?.holder !== undefined && { id: owner.holder }) };
    await openFinding({ subject: ec2InstanceId, cause: "NeverRegistered", execution, facts }, neighbours);
  });
  return { looked: turn.length, without, ...(page.next !== undefined && { next: page.next }) };
}

/** So many pages of EC2's, a thousand hosts at the most each, are one of a look. */
const PAGES_AT_ONCE = 10;

async function severalPages(hosts: Hosts, after: string | undefined): Promise<Awaited<ReturnType<Hosts["tagged"]>>> {
  const listed: ListedHost[] = [];
  let next = after;
  for (let pages = 0; pages < PAGES_AT_ONCE; pages += 1) {
    const page = await hosts.tagged(next);
    listed.push(...page.hosts);
    next = page.next;
    if (next === undefined) return { hosts: listed };
  }
  return { hosts: listed, ...(next !== undefined && { next }) };
}

/** In which share of the hosts one is: the last digits of its ID, which EC2 draws. */
function shareOf(ec2InstanceId: string, shares: number): number {
  return Number.parseInt(ec2InstanceId.slice(-6), 16) % shares;
}
