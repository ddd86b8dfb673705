import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../flows/support.ts";
import { deadLetters, type Holdings, holdings, lostOrDoubled, openWork } from "./audit.ts";
import { NAMES, WAIT_SECONDS } from "./deployment.ts";
import { Load } from "./load.ts";
import { type Death, Life } from "./process.ts";
import { seeded, seedsToRun } from "./seeded.ts";

/** How often, under each seed, the process is killed under load, and once more while it works off what that left. */
const ROUNDS = 4;
const MOST_WRITES = 300;
const LONGEST_START_MS = 1_000;

function nextDeath(random: () => number): Death {
  const kind = random();
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  if (kind < 0.1) return { whileStartingMs: upTo(LONGEST_START_MS) };
  if (kind < 0.5) return { atCallBySeed: String(random()) };
  return { atWrite: upTo(MOST_WRITES), moment: random() < 0.5 ? "before" : "after" };
}

/** A life without load, in which what is open comes to its end: it dies at a write, or when nothing is left to write. */
async function workOff(folder: string, random: () => number): Promise<void> {
  const moment = random() < 0.5 ? "before" : "after";
  const life = new Life(folder, { atWrite: 1 + Math.floor(random() * MOST_WRITES), moment });
  let dead = false;
  const death = life.gone().then(() => {
    dead = true;
  });
  await life.endpoint();
  await until(() => dead || openWork(folder) === 0, "the end of a life", 30_000);
  life.kill();
  await death;
  expect(life.said()).toBe("");
}

/** Lets the load run on one life after the other, then on a last one until nothing is left to be done. */
async function liveAndDie(folder: string, seed: number): Promise<{ load: Load; held: Holdings }> {
  const random = seeded(seed);
  const load = new Load(random);
  for (let round = 0; round < ROUNDS; round += 1) {
    const life = new Life(folder, nextDeath(random));
    const endpoint = await life.endpoint();
    if (endpoint !== undefined) await load.run(endpoint);
    await life.gone();
    expect(life.said()).toBe("");
    await workOff(folder, random);
  }
  const last = new Life(folder);
  const endpoint = await last.endpoint();
  if (endpoint === undefined) throw new Error(`The embedded AWS could not be started again: ${last.said()}`);
  onTestFinished(() => last.kill());
  await load.startAgain(endpoint);
  await until(() => openWork(folder) === 0, "the end of all that was begun", 30_000);
  const held = await holdings(folder, endpoint);
  expect(deadLetters(folder)).toBe(0);
  expect(last.said()).toBe("");
  await last.stop();
  return { load, held };
}

const NOTHING = { lost: [], doubled: [] };

test.each(seedsToRun([1]))(
  "killed again and again (seed %i), nothing is lost and nothing is doubled",
  { timeout: 90_000 },
  async (seed) => {
    const folder = mkdtempSync(join(tmpdir(), "keyturn-durability-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { load, held } = await liveAndDie(folder, seed);
    const taken = (kind: Parameters<typeof load.taken.get>[0]) => [...(load.taken.get(kind) ?? [])];
    const mayBe = (kind: Parameters<typeof load.taken.get>[0]) => load.unanswered.get(kind) ?? new Set();

    // Executions: those that were started by name, and one for each order that the bus took.
    const ordersOf = held.executions.flatMap(({ history }) => {
      const input = JSON.parse(history[0]?.executionStartedEventDetails?.input ?? "{}");
      return typeof input.name === "string" ? [input.name] : [];
    });
    const names = held.executions.map(({ item }) => item.name ?? "");
    expect(lostOrDoubled(taken("execution"), names)).toEqual(NOTHING);
    expect(lostOrDoubled(taken("event"), ordersOf)).toEqual(NOTHING);
    expect(names.length).toBe(taken("execution").length + ordersOf.length);

    // Tokens and timers: each execution waited by its timer and for its token, once, and ended well.
    for (const { item, history } of held.executions) expectWholeHistory(item.name ?? "", history);

    // Commands.
    const plain = held.commands.filter(({ DocumentName }) => DocumentName === NAMES.plainDocument);
    const commandIds = plain.map(({ CommandId }) => CommandId ?? "");
    expect(lostOrDoubled(taken("command"), commandIds)).toEqual(NOTHING);
    expect(new Set(held.commands.map(({ Status }) => Status))).toEqual(new Set(["Success"]));

    // Mail: of each execution's and each command's end through EventBridge, and of each message.
    const mails = [
      ...names.map((name) => `execution ${name}`),
      ...commandIds.map((id) => `command ${id}`),
      ...taken("message").map((name) => `message ${name}`),
    ];
    expect(lostOrDoubled(mails, held.mails)).toEqual(NOTHING);
    const unasked = held.mails.filter((text) => !mails.includes(text)).map((text) => text.replace("message ", ""));
    expect(unasked.filter((name) => !mayBe("message").has(name))).toEqual([]);

    // Records and samples.
    expect(lostOrDoubled(taken("record"), held.records)).toEqual(NOTHING);
    expect(lostOrDoubled(taken("sample"), held.samples)).toEqual(NOTHING);
    expect(held.counter).toBeGreaterThanOrEqual(taken("count").length);
    expect(held.counter).toBeLessThanOrEqual(taken("count").length + mayBe("count").size);

    // There was something to lose.
    for (const kind of load.taken.keys()) expect([kind, taken(kind).length > 0]).toEqual([kind, true]);
  },
);

function expectWholeHistory(name: string, history: Holdings["executions"][number]["history"]): void {
  // The function was submitted before its token came back, or, when it died between sending the command and its own
  // answer, not at all: the token is quicker then than the function that runs again.
  const types = history.map(({ type }) => type);
  expect(types.filter((type) => type === "TaskSubmitted").length).toBeLessThanOrEqual(1);
  expect([name, ...types.filter((type) => type !== "TaskSubmitted")]).toEqual([
    name,
    "ExecutionStarted",
    "WaitStateEntered",
    "WaitStateExited",
    "TaskStateEntered",
    "TaskScheduled",
    "TaskStarted",
    "TaskSucceeded",
    "TaskStateExited",
    "SucceedStateEntered",
    "SucceedStateExited",
    "ExecutionSucceeded",
  ]);
  expect(history.map(({ id }) => id)).toEqual(history.map((_, index) => index + 1));
  const [, entered, exited] = history.map(({ timestamp }) => timestamp?.getTime() ?? 0);
  expect((exited ?? 0) - (entered ?? 0)).toBeGreaterThanOrEqual(WAIT_SECONDS * 1000);
}
