import assert from "node:assert/strict";
import { noHooks } from "../../agent/turn/hooks.ts";
import { stands } from "../../functions/findings/finding.ts";
import { AT_THE_END, holdAll } from "../harness/invariants.ts";
import type { Fleet } from "./fleet.ts";
import { shutOut } from "./others.ts";
import { A_MINUTE_MS } from "./times.ts";

/** What holds of all findings at the end, as invariants are named. */
export const MENDED = "what people are told of is mended by what they are told to do";

/** Longer than any execution may live that nothing holds up. */
const REST_MS = 180 * A_MINUTE_MS;

/** From here on nothing befalls the fleet any more: whatever was off or away is back. */
export function calm(fleet: Fleet): void {
  const { world } = fleet;
  fleet.isCalm = true;
  world.calls.faults.length = 0;
  world.commands.deliveries.length = 0;
  world.events.fates.length = 0;
  world.beBack();
  fleet.shared.calm();
  for (const host of world.hosts.values()) {
    Object.assign(host, { isCutOff: false, clockOffMs: 0, said: undefined, hooks: noHooks });
    shutOut(host.ec2InstanceId, fleet);
    if (host.state !== "stopped") continue;
    host.boot();
    world.hostChanged(host);
  }
}

/**
 * Lets everything that is under way come to its end, the schedule come round once more, and holds what must be so at rest.
 *
 * @throws Error that names each invariant that does not hold, and says why
 */
export async function comeToRest(fleet: Fleet): Promise<void> {
  const { world } = fleet;
  fleet.stopSchedules();
  for (const flow of [undefined, "fleet-rotation", "watch", "fleet-rotation"] as const) {
    if (flow !== undefined) world.start(flow, {});
    for (const end = fleet.now + REST_MS; world.flows.areRunning && fleet.now < end; ) {
      await fleet.runTo(fleet.now + A_MINUTE_MS);
    }
  }
  await holdAll(AT_THE_END, world);
  const standing = [...world.findings.all.values()].filter((one) => one.times > 0 && stands(one));
  assert.deepEqual(
    standing.map(({ subject, cause }) => `${cause} on ${subject}`),
    [],
    `${MENDED}: it stands still`,
  );
}
