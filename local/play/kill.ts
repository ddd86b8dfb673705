import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod/mini";
import { run as rotate } from "../../operator/commands/rotate.ts";
import type { Instance } from "../../operator/reads/instances.ts";
import { flowArn } from "../roles.ts";
import { type Desk, isWell, type Play, type Prepared, SLACK_MS } from "./desk.ts";
import type { Expectation, Met } from "./expectation.ts";
import { GIVEN_UP_MS } from "./run.ts";

/** In the data folder: what whoever was killed would have gone on with. */
const FILE = "killed.json";
const form = z.object({
  number: z.number(),
  startedAt: z.number(),
  killedAt: z.number(),
  /** ARNs of the executions that were under way. */
  underWay: z.array(z.string()),
  /** The IDs of those with whom all was well. */
  well: z.array(z.string()),
});
type Killed = z.infer<typeof form>;

/** How long everything is dead. */
const DEAD_MS = 4000;
/** How long the start takes, beside that. */
const START_MS = 20_000;
/** Until rotations are under way, so that it dies in the midst of them; and how often that is looked at. */
const UNDER_WAY_MS = 4000;
const LOOK_MS = 20;

/** All of AWS dies in the midst of rotations, and comes back. */
export const kill: Play = {
  name: "kill",
  title: "Kill the AWS",
  does: "Has everybody's key turned, and in the midst of it kills the process of AWS (SIGKILL), with the agents, the database and this page. Seconds later it is started again.",
  cannot: ({ killAndStartAgain }) =>
    killAndStartAgain === undefined
      ? "This process was not started by npm start, and nobody would start it again."
      : undefined,
  async prepare(desk) {
    return {
      expectations: expectationsOf(desk, undefined),
      async act(signal) {
        const startedAt = desk.now();
        const well = (await desk.instances()).filter(isWell).map(({ id }) => id);
        if (well.length > 0) {
          const options = { all: true, yes: true, reason: "AWS is killed in the midst of it" } as const;
          await rotate({ arguments: [], options }, desk.context);
        }
        let underWay = rotationsUnderWay(desk);
        const until = desk.now() + UNDER_WAY_MS;
        while (well.length > 0 && underWay.length === 0 && desk.now() < until) {
          await pause(LOOK_MS, undefined, { signal });
          underWay = rotationsUnderWay(desk);
        }
        const killed: Killed = { number: desk.lastRun(), startedAt, killedAt: desk.now(), underWay, well };
        writeFileSync(join(desk.folder, FILE), `${JSON.stringify(killed)}\n`);
        desk.tell("The process of AWS is killed, with everything in it. It is started again in some seconds.");
        desk.killAndStartAgain?.(DEAD_MS);
      },
    };
  },
};

/** What was played before this process was started again, to be gone on with; undefined where nothing was. */
export function afterKill(
  desk: Desk,
): { killed: Pick<Killed, "number" | "startedAt">; prepared: Prepared } | undefined {
  const path = join(desk.folder, FILE);
  try {
    const killed = form.parse(JSON.parse(readFileSync(path, "utf8")));
    // It was ended before it was started again, and nobody waits for what was to come.
    if (Math.abs(desk.now() - killed.killedAt) > GIVEN_UP_MS) return undefined;
    return { killed, prepared: { expectations: expectationsOf(desk, killed), act: async () => undefined } };
  } catch {
    // Nothing was played, or its file was cut off.
    return undefined;
  } finally {
    rmSync(path, { force: true });
  }
}

function rotationsUnderWay({ aws }: Desk): string[] {
  const running = aws.executions.list(flowArn("rotation")).filter(({ status }) => status === "RUNNING");
  return running.map(({ arn }) => arn);
}

/** @param killed undefined before it is */
function expectationsOf(desk: Desk, killed: Killed | undefined): Expectation[] {
  const { sampleMs, lookMs } = desk.times;
  const backAt = desk.now();
  const { underWay = [], well = [], killedAt = 0 } = killed ?? {};
  const isBack = (met: Met) => (killed === undefined ? {} : { met });
  return [
    {
      says: "AWS is killed, with the agents, the database and this page, which says that it is not connected",
      withinMs: UNDER_WAY_MS + SLACK_MS,
      ...isBack({ at: killedAt, said: `Killed at ${clock(killedAt)}, with ${count(underWay.length)} under way.` }),
    },
    {
      says: "It is started again over the same folder, and this page comes back by itself",
      withinMs: UNDER_WAY_MS + DEAD_MS + START_MS,
      ...isBack({ at: backAt, said: `Back at ${clock(backAt)}.` }),
    },
    {
      says: "The rotations that were under way go on where they were",
      follows: true,
      withinMs: START_MS,
      ...(killed !== undefined && { look: async () => wentOn(desk, underWay) }),
    },
    {
      says: "Every instance proves its key again: nobody was locked out",
      follows: true,
      withinMs: 3 * sampleMs + lookMs + START_MS,
      ...(killed !== undefined && { look: async () => provedBy(await desk.instances(), well, backAt) }),
    },
  ];
}

function wentOn({ aws }: Desk, underWay: readonly string[]): Met | undefined {
  const them = aws.executions.list(flowArn("rotation")).filter(({ arn }) => underWay.includes(arn));
  if (them.some(({ status }) => status === "RUNNING")) return undefined;
  const turned = them.filter(({ status }) => status === "SUCCEEDED").length;
  return { said: `${count(underWay.length)} went on: ${turned} came to a good end, ${them.length - turned} failed.` };
}

function provedBy(all: readonly Instance[], well: readonly string[], since: number): Met | undefined {
  const proved = all.filter((one) => well.includes(one.id) && isWell(one) && (one.lastProofAt ?? 0) > since);
  if (proved.length < well.length) return undefined;
  return { said: `${proved.length} of ${well.length} have proved their keys since.` };
}

const count = (rotations: number) => `${rotations} rotation${rotations === 1 ? "" : "s"}`;
const clock = (at: number) => `${new Date(at).toISOString().slice(11, 19)} UTC`;
