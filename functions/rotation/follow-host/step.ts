import { followSilent } from "../../life/follow-silent.ts";
import { isRetired } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/** Asks EC2 about a silent instance's host, and follows what it says. */
export async function followHost(
  { id, ec2InstanceId, generation, lastProofAt }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, hosts, journal } = neighbours;
  const record = await registry.find(id);
  // Who tells people of the silence finds out what became of the record.
  if (record === undefined) return { outcome: "STALE" };
  if (isRetired(record)) return { outcome: "RETIRED" };
  // What EC2 says of one host is nothing about another.
  if (record.ec2InstanceId !== ec2InstanceId) return { outcome: "STALE" };
  const state = await hosts.state(ec2InstanceId);
  journal.info("followed", { id, ec2InstanceId, generation, state });
  return { outcome: await followSilent({ record, state, lastProofAt }, neighbours) };
}
