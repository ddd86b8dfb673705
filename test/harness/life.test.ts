import { describe, expect, test } from "vitest";
import type { HostState } from "../../functions/clients/hosts.ts";
import type { Fault } from "./calls.ts";
import type { Host } from "./host.ts";
import { comeToRest } from "./run.ts";
import { World } from "./world.ts";

/** What befalls the function that follows a host's life. It is no flow: Lambda calls it for an event, up to three times. */

const ID = "0a1b2c";
const EC2 = "i-0123456789abcdef0";
/** How often Lambda calls it for one event. */
const ATTEMPTS = 3;
const WHEN = ["before", "after"] as const;

interface Life {
  told: HostState;
  /** What is there before besides a host whose record is active. */
  arrange?: (world: World, host: Host) => Promise<unknown>;
  /** In what state all records are in the end. */
  comesTo: string;
  /** What the host does, besides that the schedule looks, where its event is lost for good. */
  meanwhile?: (world: World, host: Host) => Promise<unknown>;
}

const LIVES: Record<string, Life> = {
  terminated: { told: "terminated", comesTo: "RETIRED" },
  "terminated beside a newcomer": {
    told: "terminated",
    arrange: (world, host) => world.registerAnew(host),
    comesTo: "RETIRED",
  },
  stopped: { told: "stopped", comesTo: "STOPPED" },
  running: {
    told: "running",
    arrange: (world, host) => tell(world, host, "stopped"),
    comesTo: "ACTIVE",
    // The schedule leaves alone who is stopped: each agent registers when it starts.
    meanwhile: async (world, host) => expect(await world.register(host)).toBe("registered"),
  },
};

/** EC2 tells of a state of the host, and whatever comes of it without waiting for AWS comes. */
async function tell(world: World, host: Host, state: HostState): Promise<void> {
  host.state = state;
  world.hostChanged(host);
  await world.settle();
}

/** The event is told, in a world of its own in which faults strike. */
async function told({ told, arrange }: Life, faults: Fault[]): Promise<{ world: World; host: Host }> {
  const world = new World();
  const host = await world.settledHost(ID, EC2);
  await arrange?.(world, host);
  world.calls.countAnew();
  world.calls.faults.push(...faults);
  await tell(world, host, told);
  return { world, host };
}

/** Each record is as it should be, a host that is gone is known to be, and nobody was told of what is nobody's concern. */
function expectFollowed({ told, comesTo }: Life, world: World, fault: string): void {
  const records = [...world.registry.records.values()];
  expect(new Set(records.map(({ status }) => status)), fault).toEqual(new Set([comesTo]));
  const { endedAt } = world.registry.owners.get(EC2) ?? {};
  expect(endedAt !== undefined, fault).toBe(told === "terminated");
  expect(
    world.mail.sent.map(({ text }) => text),
    fault,
  ).toEqual([]);
}

/** All calls that it makes undisturbed: they are what is struck. */
async function callsOf(life: Life): Promise<string[]> {
  const { world } = await told(life, []);
  expectFollowed(life, world, "no fault");
  const { counted } = world.calls;
  expect(counted.filter((call) => !call.startsWith("life/follow-state: "))).toEqual([]);
  expect(counted.length).toBeGreaterThan(3);
  return counted.map((call) => call.replace(/^.*: /, ""));
}

describe.each(Object.entries(LIVES))("that a host is %s", (_, life) => {
  test("is followed by Lambda's next attempt, whichever call is struck", async () => {
    for (const [index, name] of (await callsOf(life)).entries()) {
      for (const what of ["outage", "dies", "loses"] as const) {
        for (const when of WHEN) {
          const fault = `${what} ${when} call ${index + 1} (${name})`;
          const { world } = await told(life, [{ call: index + 1, when, what }]);
          expect(world.calls.struck, fault).toEqual(["life/follow-state"]);
          await world.lift();
          expectFollowed(life, world, fault);
          await comeToRest(world);
          expectFollowed(life, world, `${fault}, a day later`);
        }
      }
    }
  });

  test("is found by the schedule, or told by the agent, where each of Lambda's attempts is struck", async () => {
    for (const call of new Set(await callsOf(life))) {
      for (const what of ["dies", "loses"] as const) {
        for (const when of WHEN) {
          const fault = `${what} ${when} ${call}, each time`;
          const { world, host } = await told(
            life,
            Array.from({ length: ATTEMPTS }, () => ({ call, when, what })),
          );
          // An attempt after one that had done all but say so finds nothing left to do.
          if (when === "before") expect(world.calls.struck, fault).toHaveLength(ATTEMPTS);
          world.calls.faults.length = 0;
          await life.meanwhile?.(world, host);
          // A newcomer is decided about in the round after the one in which the host's end is found.
          for (let day = 0; day < 2; day += 1) await comeToRest(world);
          expectFollowed(life, world, fault);
        }
      }
    }
  });
});
