import type { InstanceRecord } from "../../functions/record/record.ts";
import type { Host } from "../harness/host.ts";
import type { World } from "../harness/world.ts";

/** What all parts of a fleet stand on: its account, and its time. */
export interface Ground {
  readonly world: World;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Has something happen so much later. */
  later(ms: number, run: () => void): void;
  /** The live record that the owner item of a host names; undefined where there is none. */
  recordOf(host: Pick<Host, "ec2InstanceId">): InstanceRecord | undefined;
  /** Writes a line into the history. */
  note(what: string): void;
}
