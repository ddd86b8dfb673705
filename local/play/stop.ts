import { isWell, type Play, SLACK_MS } from "./desk.ts";

/** The host is stopped, as one is stopped on purpose: that is no fault, and nobody is told. */
export const stop: Play = {
  name: "stop",
  title: "Stop a host",
  does: "Stops an instance's host, as `aws ec2 stop-instances` does. That is no fault: nobody is alarmed, and it is not turned until it is back.",
  isOnInstance: true,
  async prepare(desk, { id, ec2InstanceId }) {
    const { sampleMs, lookMs } = desk.times;
    const { instances } = desk.aws;
    let startedAt = Number.POSITIVE_INFINITY;
    const its = async () => (await desk.instances()).find((one) => one.id === id);
    return {
      expectations: [
        {
          says: "Its record says STOPPED, and nobody is mailed",
          // The agent is asked to end first.
          withinMs: 6000 + SLACK_MS,
          look: async () => ((await its())?.status === "STOPPED" ? {} : undefined),
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
      act: async () => instances.send([ec2InstanceId], "stopping"),
      async mend() {
        startedAt = desk.now();
        instances.send([ec2InstanceId], "pending");
      },
    };
  },
};
