import { setTimeout as pause } from "node:timers/promises";
import { run as rotate } from "../../operator/commands/rotate.ts";
import { diskOf } from "../instance-disk.ts";
import { proveAs } from "../posing.ts";
import { type Desk, itIsOver, type Play, peopleAreTold, SLACK_MS } from "./desk.ts";
import { event } from "./expectation.ts";

/** How often the samples of a window must have been written anew until no sample of the copy is left in it. */
const WINDOW_INTERVALS = 10;

/** The disk is copied, the instance is turned, and the copy goes on with the former key. */
export const clone: Play = {
  name: "clone",
  title: "Clone an instance",
  does: "Copies its disk, has its key turned, and lets the copy go on writing proofs with the former key.",
  isOnInstance: true,
  async prepare(desk, { id, ec2InstanceId }) {
    const { sampleMs, lookMs, skewMs } = desk.times;
    const graceMs = sampleMs + skewMs;
    const shut = new AbortController();
    let shutAt = Number.POSITIVE_INFINITY;
    return {
      expectations: [
        {
          says: "Its key is turned; the copy does not hear of it",
          withinMs: 2 * SLACK_MS,
          metBy: event("Key Rotated", { id }, ({ generation }) => ({ said: `Generation ${generation}.` })),
        },
        ...(await peopleAreTold(desk, {
          ...{ subject: id, cause: "CONFLICT" },
          says: "The watch finds CONFLICT: two write as one instance",
          withinMs: 2 * SLACK_MS + graceMs + 2 * sampleMs + lookMs + SLACK_MS,
        })),
        { says: "You mend it: find the copy and shut it down", button: "Shut the copy down" },
        itIsOver(desk, {
          ...{ subject: id, cause: "CONFLICT" },
          withinMs: WINDOW_INTERVALS * sampleMs + 2 * lookMs + SLACK_MS,
          // A turn ends it for some seconds while the copy goes on: only what was not found again is over.
          mayLook: () => desk.now() - shutAt > 2 * lookMs + SLACK_MS,
        }),
      ],
      async act(signal) {
        const copied = await diskOf(desk.aws.instances.folderOf(ec2InstanceId)).readKeyFile();
        await rotate({ arguments: [id], options: { wait: true, reason: "a clone is played" } }, desk.context);
        const ended = AbortSignal.any([signal, shut.signal]);
        await pause(graceMs, undefined, { signal: ended }).catch(() => undefined);
        while (!ended.aborted) {
          const timeMs = desk.now();
          // It has lost its way for a moment: so there is a proof of the rightful one that is newer, and it is no mere mismatch.
          await pause(sampleMs + SLOW_MS, undefined, { signal: ended }).catch(() => undefined);
          if (!ended.aborted) await proveAs(posingAs(desk, ec2InstanceId), copied, timeMs);
        }
      },
      async mend() {
        shut.abort();
        shutAt = desk.now();
      },
    };
  },
};

/** How much later than the rightful one's next sample a sample of the copy arrives. */
const SLOW_MS = 300;

function posingAs({ aws }: Desk, ec2InstanceId: string) {
  const { endpoint, region } = aws;
  return { endpoint, region, credentials: aws.credentialsOf(ec2InstanceId) };
}
