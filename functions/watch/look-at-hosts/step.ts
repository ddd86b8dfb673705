import { isInstanceId } from "../../../protocol/index.ts";
import { findNamed } from "../../clients/find-live.ts";
import type { Hosts, ListedHost } from "../../clients/hosts.ts";
import { openFinding } from "../../findings/open.ts";
import { WINDOW_INTERVALS } from "../../record/due.ts";
import type { Owner } from "../../record/owner.ts";
import { eachAtOnce } from "../../shared/at-once.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { isHostsTurn } from "../hosts-turn.ts";
import { withoutTheOthers } from "../without-the-others.ts";
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
  const { registry, hosts, intervalMs } = neighbours;
  const page = await severalPages(hosts, after);
  const isUp = ({ state, launchedAt }: ListedHost) =>
    state === "running" && at - launchedAt >= WINDOW_INTERVALS * intervalMs;
  const turn = page.hosts.filter(isUp).filter(({ ec2InstanceId }) => isHostsTurn(ec2InstanceId, at, neighbours));
  let without = 0;
  await eachAtOnce(turn, ({ ec2InstanceId: subject }) =>
    withoutTheOthers({ subject, execution, facts: {} }, neighbours, async () => {
      const holder = holderOf(await registry.findOwner(subject));
      if ((await findNamed(registry, holder, subject)) !== undefined) return;
      without += 1;
      const said = holder === undefined ? "It has never registered." : `It was ${holder}, whose record is gone.`;
      const facts = { said, ...(holder !== undefined && { id: holder }) };
      await openFinding({ subject, cause: "NeverRegistered", execution, facts }, neighbours);
    }),
  );
  return { looked: turn.length, without, ...(page.next !== undefined && { next: page.next }) };
}

/** @throws TypeError when somebody has written as its holder what is no instance's ID: nothing of it is told on */
function holderOf(owner: Owner | undefined): string | undefined {
  const holder: unknown = owner?.holder;
  if (holder === undefined || isInstanceId(holder)) return holder;
  throw new TypeError("The owner item of this host names a holder that is no instance's ID.");
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
