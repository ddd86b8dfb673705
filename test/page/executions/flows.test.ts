import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { graphOf } from "../../../operator/page/flow/graph.ts";
import { stepsOf } from "../../../operator/page/flow/steps.ts";
import { wayOf } from "../../../operator/page/flow/way.ts";
import { type FlowWorld, goodRotation, named, openFlowWorld, type Steps, takenIn } from "./flow-world.ts";

let world: FlowWorld;
let made: Steps;
beforeEach(() => {
  made = goodRotation(() => world);
  world = openFlowWorld(() => made);
});
afterEach(() => world.close());

describe("a run over the fleet", () => {
  const DUE = ["0a1b2c", "0a1b2d"].map((id) => ({ id, name: `${id}-run` }));
  beforeEach(() => {
    world.deploy("rotation");
    world.deploy("fleet-rotation");
    Object.assign(made, {
      "list-due": () => ({ at: 1, due: DUE }),
      summarize: () => ({ due: 2, turned: 2, skipped: 0, failed: 0, stopped: false }),
    });
  });
  const run = async () => {
    const arn = await world.start("fleet-rotation", {}, "run");
    await world.ended(arn);
    return world.one(arn);
  };

  test("draws what happens for each item inside of the Map, and lists the executions of these", async () => {
    const { graph, items, hasMoreItems } = await run();
    const map = graph.nodes.find(({ state }) => state === "TurnEach");
    expect(map).toMatchObject({ isDistributed: true, visits: 1, outcome: "done" });
    expect(map?.inside.map(({ nodes }) => nodes.map(({ state, visits }) => [state, visits]))).toEqual([[["Turn", 0]]]);
    expect(hasMoreItems).toBe(false);
    expect(items.map(({ flow, status }) => `${flow} ${status}`)).toEqual(Array(2).fill("fleet-rotation SUCCEEDED"));
  });

  test("leads from the execution of an item, which goes through the inside of the Map, to the rotation", async () => {
    const [item] = (await run()).items;
    const execution = await world.one(item?.arn ?? "");
    expect(execution.graph).toMatchObject({ nodes: [{ state: "Turn", visits: 1, outcome: "done" }] });
    const started = execution.steps[0]?.started ?? "";
    expect(started).toMatch(/:execution:keyturn-rotation:0a1b2[cd]-run$/);
    expect(await world.one(started)).toMatchObject({
      flow: "rotation",
      asked: { run: "run", trigger: "fleet-rotation" },
    });
  });
});

test("where an error and what follows on success lead to the same state, the way is that of the error alone", async () => {
  Object.assign(made, {
    "look-at-records": () => ({ looked: 1, silent: 0, judged: 1 }),
    "look-at-hosts": () => {
      throw named("Broken", "No.");
    },
    "read-credentials": () => ({ credentials: [] }),
    "look-at-credentials": () => ({ looked: 0, refused: 0, begun: 0 }),
    "seal-day": () => ({ day: "2026-01-01", digest: "00" }),
    "notify-sns": () => ({ standing: 0, ended: 0, told: 0, gathered: false }),
  });
  world.deploy("watch");
  const arn = await world.start("watch", {});
  await world.ended(arn);
  const taken = takenIn(await world.one(arn));
  expect(taken).toContain("LookAtHosts > ReadCredentials (Broken)");
  expect(taken).not.toContain("LookAtHosts > MoreHosts");
  expect(taken).toContain("ReadCredentials > LookAtCredentials");
});

const pass = { Type: "Pass", End: true };
const through = (states: object) => ({ StartAt: Object.keys(states)[0], States: states });

async function wayThrough(states: Record<string, object>, input: unknown = {}) {
  world.make("made-up", states);
  const arn = await world.start("made-up", input);
  await world.until(arn, "ExecutionSucceeded");
  const way = wayOf((await world.history(arn)).events);
  return { way, graph: graphOf(through(states) as never, way), steps: stepsOf(way) };
}

describe("branches", () => {
  test("of a Parallel are told apart: nothing leads from one to another, and the Parallel goes on by itself", async () => {
    const branch = (name: string) => through({ [`${name}1`]: { Type: "Pass", Next: `${name}2` }, [`${name}2`]: pass });
    const {
      graph,
      way,
      steps: taken,
    } = await wayThrough({
      P: { Type: "Parallel", Branches: [branch("A"), branch("B")], Next: "After" },
      After: pass,
    });
    expect(way.passages.map(({ from, to }) => `${from.state} > ${to.state}`).sort()).toEqual([
      "A1 > A2",
      "B1 > B2",
      "P > After",
    ]);
    expect(graph.nodes[0]?.inside.map(({ edges }) => edges)).toEqual(
      ["A", "B"].map((name) => [{ from: `${name}1`, to: `${name}2`, taken: 1 }]),
    );
    expect(taken.map(({ state, depth, outcome }) => `${state} ${depth} ${outcome}`)).toEqual([
      ...["P 0 done", "A1 1 done", "B1 1 done", "A2 1 done", "B2 1 done", "After 0 done"],
    ]);
  });

  test("that are given up with one that has failed are aborted, and the error is the Parallel's to catch", async () => {
    made.broken = () => {
      throw named("Broken");
    };
    const call = { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", End: true };
    const { steps: taken, graph } = await wayThrough({
      P: {
        Type: "Parallel",
        Branches: [
          through({ W: { Type: "Wait", Seconds: 60, End: true } }),
          through({
            T: { ...call, Arguments: { FunctionName: "arn:aws:lambda:us-east-1:000000000000:function:broken" } },
          }),
        ],
        Catch: [{ ErrorEquals: ["Broken"], Next: "C" }],
        Next: "After",
      },
      After: pass,
      C: pass,
    });
    const outcomes = Object.fromEntries(taken.map(({ state, outcome }) => [state, outcome]));
    expect(outcomes).toEqual({ P: "caught", W: "aborted", T: "failed", C: "done" });
    expect(graph.edges).toContainEqual({ from: "P", to: "After", taken: 0 });
    expect(graph.edges).toContainEqual({ from: "P", to: "C", taken: 1, error: "Broken" });
  });

  test("of a Map are numbered, and what is inside is counted once for each", async () => {
    const { graph, steps: taken } = await wayThrough({
      M: {
        Type: "Map",
        Items: "{% [1, 2, 3] %}",
        ItemProcessor: through({ One: { Type: "Pass", Next: "Two" }, Two: pass }),
        End: true,
      },
    });
    expect(taken.filter(({ state }) => state === "Two").map(({ within }) => within)).toEqual(["M 1", "M 2", "M 3"]);
    expect(graph.nodes[0]?.inside[0]?.edges).toEqual([{ from: "One", to: "Two", taken: 3 }]);
  });

  test("a way back that is taken again is counted", async () => {
    const { graph } = await wayThrough(
      {
        Count: { Type: "Pass", Output: "{% {'n': $states.input.n + 1} %}", Next: "Enough" },
        Enough: {
          Type: "Choice",
          Choices: [{ Condition: "{% $states.input.n < 3 %}", Next: "Count" }],
          Default: "End",
        },
        End: { Type: "Succeed" },
      },
      { n: 0 },
    );
    expect(graph.edges).toContainEqual({ from: "Enough", to: "Count", taken: 2 });
    expect(graph.nodes.find(({ state }) => state === "Count")).toMatchObject({ visits: 3, outcome: "done" });
  });
});
