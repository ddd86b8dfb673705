import { ROTATE_EVERY_MS } from "../../functions/support.ts";
import type { World } from "../world.ts";
import { edges } from "./fleet-edges.ts";
import type { Scenario } from "./scenario.ts";

const HOSTS = [
  ["0a1b2c", "i-0123456789abcdef0"],
  ["0a1b2d", "i-0123456789abcdef1"],
] as const;

async function fleet(world: World): Promise<void> {
  for (const [id, ec2InstanceId] of HOSTS) await world.settledHost(id, ec2InstanceId);
}
const start = (world: World) => world.start("fleet-rotation", {});
const [[FIRST], second] = HOSTS;

/** Hosts whose keys are not due. */
async function youngFleet(world: World): Promise<void> {
  const dueAt = world.clock.now() + ROTATE_EVERY_MS;
  for (const [id, ec2InstanceId] of HOSTS) await world.settledHost(id, ec2InstanceId, { dueAt });
}
/** As a person starts it, who means others than those that are due. */
const asked = (input: object) => (world: World) =>
  world.start("fleet-rotation", { ...input, requestedBy: "the harness", reason: "it is tried" });

/** The counts of a run, e.g. `due 2, turned 1, skipped 0, failed 1`. */
const counts = (turned: number, skipped: number, failed: number) =>
  `due ${turned + skipped + failed}, turned ${turned}, skipped ${skipped}, failed ${failed}`;
const STOPPED = "Keyturn.FleetRotationStopped";

export const scenario: Scenario = {
  routes: [
    { name: "keys that are due", arrange: fleet, start, comesTo: { end: counts(2, 0, 0), mails: 0 } },
    { name: "nothing that is due", arrange: async () => {}, start, comesTo: { end: counts(0, 0, 0), mails: 0 } },
    {
      name: "an instance that is silent",
      async arrange(world) {
        await fleet(world);
        const host = world.hosts.get(second[1]);
        if (host === undefined) throw new Error("there is no such host");
        host.state = "stopped";
        await world.pass(3600_000);
        host.state = "running";
      },
      start,
      comesTo: { end: counts(1, 0, 1), mails: 1 },
    },
    {
      name: "all, of which none is due",
      since: "Refused",
      ...{
        arrange: youngFleet,
        start: asked({ all: true }),
        strikes: "own",
        comesTo: { end: counts(2, 0, 0), mails: 0 },
      },
    },
    {
      name: "one that is named, and is not due",
      since: "Refused",
      ...{ arrange: youngFleet, start: asked({ ids: [FIRST] }), strikes: "own" },
      comesTo: { end: counts(1, 0, 0), mails: 0 },
    },
  ],

  end({ error, output }) {
    if (error !== null) return error;
    const { due, turned, skipped, failed } = JSON.parse(output ?? "{}");
    return `due ${due}, turned ${turned}, skipped ${skipped}, failed ${failed}`;
  },

  edges,

  breaksMap: {
    /** Somebody stops the execution that runs an item, while its rotation is under way. */
    TurnEach(world) {
      world.functions.replaced.set("rotation/read-time-series", (step) => async (input, neighbours) => {
        await world.flows.stopItem("fleet-rotation");
        return step(input, neighbours);
      });
    },
  },

  failsWith(state, error) {
    switch (state) {
      case "ListDue":
        // It is for whoever started it, who looks how it ended.
        if (error === "InvalidInput" || error === "UnknownId") return { end: `Keyturn.${error}`, mails: 0 };
        return { end: STOPPED, mails: 1 };
      case "Turn":
        if (error === "StepFunctions.ExecutionAlreadyExistsException") return { end: counts(0, 2, 0), mails: 0 };
        return { end: STOPPED, mails: 1 };
      case "TurnEach":
        // A rule tells of each rotation that was stopped with it.
        return { end: STOPPED, mails: 3 };
      case "Summarize":
        // A rule tells of it.
        return { end: error, mails: 1 };
      default:
        return undefined;
    }
  },
};
