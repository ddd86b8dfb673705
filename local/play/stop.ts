import type { Instance } from "../../operator/reads/instances.ts";
import { type Desk, isWell, type Play, type Prepared, SLACK_MS } from "./desk.ts";

/** The host is stopped, as one is stopped on purpose: that is no fault, and nobody is told. */
export const stop: Play = {
  name: "stop",
  title: "Stop a host",
  does: "Stops an instance's host, as `aws ec2 stop-instances` does. That is no fault: nobody is alarmed, and it is not turned until it is back.",
  isOnInstance: true,
  prepare: async (desk, instance) => stopped(desk, instance, false),
};

/** Those that were stopped before this process began: the button of the run by which they were is gone with that. */
export async function stoppedBefore(desk: Desk): Promise<{ id: string; prepared: Prepared }[]> {
  const off = (await desk.instances()).filter(({ status }) => status === "STOPPED");
  return off.map((one) => ({ id: one.id, prepared: stopped(desk, one, true) }));
}

function stopped(desk: Desk, { id, ec2InstanceId }: Instance, isBefore: boolean): Prepared {
  const { sampleMs, lookMs } = desk.times;
  const { instances } = desk.aws;
  let startedAt = Number.POSITIVE_INFINITY;
  const its = async () => (await desk.instances()).find((one) => one.id === id);
  return {
    expectations: [
      {
        says: "Its record says STOPPED, and nobody is mailed, unless it was being turned just then",
        // The agent is asked to end first.
        withinMs: 6000 + SLACK_MS,
        ...(isBefore
          ? { met: { said: "It was stopped before this start." } }
          : { look: async () => ((await its())?.status === "STOPPED" ? {} : undefined) }),
      },
      { says: "You start it again", follows: true, button: "Start it" },
      {
        says: "It is ACTIVE again, and proves its key: what was due meanwhile is turned",
        withinMs: 3 * sampleMs + lookMs + SLACK_MS,
        follows: true,
        async look() {
          const now = await its();
          return now !== undefined && isWell(now) && (now.lastProofAt ?? 0) > startedAt ? {} : undefined;
        },
      },
    ],
    act: async () => {
      if (!isBefore) instances.send([ec2InstanceId], "stopping");
    },
    async mend() {
      startedAt = desk.now();
      instances.send([ec2InstanceId], "pending");
    },
  };
}
