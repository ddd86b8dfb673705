import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { systemClock } from "../../agent/clock.ts";
import { fileLock } from "../../agent/state/lock.ts";
import { placesIn } from "../../agent/state/places.ts";
import { diskOf } from "../instance-disk.ts";
import { itIsOver, type Play, peopleAreTold, SLACK_MS } from "./desk.ts";
import { event } from "./expectation.ts";

/** For a turn that is just under way there. */
const PATIENCE_MS = 15_000;

/** Somebody writes another key into an instance's key file. */
export const tamper: Play = {
  name: "tamper",
  title: "Tamper with a key",
  does: "Writes another key into the key file of an instance, as somebody who is root there, or a backup that is restored.",
  isOnInstance: true,
  async prepare(desk, { id, ec2InstanceId }) {
    const { sampleMs, lookMs } = desk.times;
    return {
      expectations: [
        ...(await peopleAreTold(desk, {
          ...{ subject: id, cause: "MISMATCH" },
          says: "The watch finds MISMATCH: what it writes does not prove its key",
          withinMs: sampleMs + lookMs + SLACK_MS,
        })),
        {
          says: "You mend it: have it agree a fresh key; it keeps its ID",
          command: `${desk.keyturn} rekey ${id}`,
          metBy: event("Key Rotated", { id, rekey: true }, ({ generation }) => ({
            said: `It holds a fresh key, of generation ${generation}.`,
          })),
        },
        itIsOver(desk, { subject: id, cause: "MISMATCH", withinMs: sampleMs + lookMs + SLACK_MS }),
      ],
      async act(signal) {
        const folder = desk.aws.instances.folderOf(ec2InstanceId);
        const disk = diskOf(folder);
        // A turn that is under way would write over it.
        await fileLock(placesIn(join(folder, "state")).lock, PATIENCE_MS, systemClock, signal).hold(async () => {
          const file = await disk.readKeyFile();
          await disk.writeKeyFile({ ...file, key: randomBytes(32).toString("hex") });
        });
      },
    };
  },
};
