import { itIsOver, type Play, peopleAreTold, SLACK_MS } from "./desk.ts";

/** An instance is silent when it has written nothing for so many intervals. */
const FRESH_INTERVALS = 3;

/** The agent hangs: it is there, and writes nothing. */
export const freeze: Play = {
  name: "freeze",
  title: "Freeze an agent",
  does: "Stops the agent's process where it stands (SIGSTOP): it is there, its host runs, and it proves nothing any more.",
  isOnInstance: true,
  async prepare(desk, { id, ec2InstanceId }) {
    const { sampleMs, lookMs } = desk.times;
    const { instances } = desk.aws;
    return {
      expectations: [
        ...(await peopleAreTold(desk, {
          ...{ subject: id, cause: "STALE" },
          says: "Its tile fades, and then the watch finds it STALE: it has stopped proving its key",
          withinMs: FRESH_INTERVALS * sampleMs + lookMs + SLACK_MS,
        })),
        { says: "You mend it: have it go on", button: "Thaw it" },
        itIsOver(desk, { subject: id, cause: "STALE", withinMs: 2 * sampleMs + lookMs + SLACK_MS }),
      ],
      act: async () => instances.signalAgent(ec2InstanceId, "SIGSTOP"),
      mend: async () => instances.signalAgent(ec2InstanceId, "SIGCONT"),
    };
  },
};
