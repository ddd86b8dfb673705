import { keyRotated } from "../../../events/key-rotated.ts";
import { findLive } from "../../clients/find-live.ts";
import { admit } from "../../registration/admit.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/** Promotes the confirmed key in one conditional write. Finding that done already is success. */
export async function promoteSuccessor(
  { ec2InstanceId, ticket, verdict, newcomer, execution }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, bus, now, rotateEveryMs, journal } = neighbours;
  const { id, generation, nonce } = ticket;
  const at = now();
  // A second writer is still about although the key was turned; only a rotation without one ends that alert.
  const keepAlert = verdict === "CONFLICT";
  if (!(await registry.promote(id, { generation, nonce, at, dueAt: at + rotateEveryMs, keepAlert }))) {
    const { current } = await findLive(registry, id);
    if (current.generation !== generation || current.nonce !== nonce) {
      throw new StepError("Superseded", `${id} is at generation ${current.generation}; ${generation} is not pending.`);
    }
  }
  if (newcomer) await admit({ id, ec2InstanceId, execution }, neighbours);
  await bus.put(keyRotated, { id, ec2InstanceId, generation, execution });
  journal.info("promoted", { id, ec2InstanceId, generation });
  journal.count("Rotation", { outcome: "ROTATED" });
  return { generation };
}
