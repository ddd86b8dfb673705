import { describe, expect, test } from "vitest";
import { barsOf } from "../../../operator/page/client/views/executions/bars.ts";
import { type LaidOut, layOut } from "../../../operator/page/client/views/executions/layout.ts";
import { merged } from "../../../operator/page/client/views/executions/rows.ts";
import { runArn, took } from "../../../operator/page/client/views/executions/words.ts";
import type { ExecutionRow, Graph, GraphNode, Step } from "../../../operator/page/wire/executions.ts";

const node = (state: string, inside: Graph[] = []): GraphNode => ({ state, type: "Task", visits: 0, inside });
const edge = (from: string, to: string) => ({ from, to, taken: 0 });

describe("the layout", () => {
  const inner: Graph = { nodes: [node("A"), node("B")], edges: [edge("A", "B")] };
  const graph: Graph = {
    nodes: [
      node("First"),
      node("Each", [inner, { ...inner, nodes: [node("C"), node("D")], edges: [edge("C", "D")] }]),
      node("Last"),
    ],
    // There and back, to itself, and one by an error beside the regular one.
    edges: [
      edge("First", "Each"),
      edge("Each", "Last"),
      edge("Each", "First"),
      edge("Last", "Last"),
      { ...edge("Each", "Last"), error: "Broken", taken: 1 },
    ],
  };
  const laid = layOut(graph);

  test("goes from above to below, with nothing over anything else and nothing outside", () => {
    const [first, each, last] = laid.nodes;
    expect(first?.y).toBeLessThan(each?.y ?? 0);
    expect((each?.y ?? 0) + (each?.height ?? 0)).toBeLessThanOrEqual(last?.y ?? 0);
    for (const { x, y, width, height } of laid.nodes) {
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(laid.width);
      expect(y + height).toBeLessThanOrEqual(laid.height);
    }
  });

  test("has what is inside of a state within it, side by side", () => {
    const each = laid.nodes[1];
    const parts = each?.inside ?? [];
    expect(parts).toHaveLength(2);
    const right = (part: { x: number; graph: LaidOut } | undefined) => (part?.x ?? 0) + (part?.graph.width ?? 0);
    expect(right(parts[0])).toBeLessThanOrEqual(parts[1]?.x ?? 0);
    expect(right(parts[1])).toBeLessThanOrEqual((each?.x ?? 0) + (each?.width ?? 0));
    for (const { y, graph: part } of parts)
      expect(y + part.height).toBeLessThanOrEqual((each?.y ?? 0) + (each?.height ?? 0));
  });

  test("keeps an edge by an error apart from the regular one between the same states, with its name", () => {
    const between = laid.edges.filter(({ edge: one }) => one.from === "Each" && one.to === "Last");
    expect(between.map(({ label }) => label?.text)).toEqual([undefined, "Broken"]);
    expect(between[0]?.points).not.toEqual(between[1]?.points);
  });
});

test("bars are shares of the whole time; one that goes on reaches to its end", () => {
  const step = (enteredAt: number, exitedAt?: number) => ({ enteredAt, ...(exitedAt && { exitedAt }) }) as Step;
  expect(barsOf([step(1000, 1500), step(1500, 1500), step(1500)], 1000, 3000)).toEqual([
    { from: 0, width: 25 },
    { from: 25, width: 0 },
    { from: 25, width: 75 },
  ]);
  expect(barsOf([step(1000)], 1000, 1000)).toEqual([{ from: 0, width: 0 }]);
});

test("what came now is put to what was there, each once, as it is now", () => {
  const row = (arn: string, startedAt: number, status = "RUNNING") => ({ arn, startedAt, status }) as ExecutionRow;
  const former = [row("b", 2), row("a", 1)];
  expect(merged(former, [row("c", 3), row("b", 2, "FAILED")])).toEqual([
    row("c", 3),
    row("b", 2, "FAILED"),
    row("a", 1),
  ]);
});

test.each([
  [0, "0 ms"],
  [85.4, "85 ms"],
  [1449, "1.4 s"],
  [9999, "9.9 s"],
  [12_300, "12 s"],
  [185_000, "3 min 5 s"],
  [7_200_000, "2 h"],
  [7_800_000, "2 h 10 min"],
  [90_000_000, "1 d 1 h"],
])("%d ms are said as %s", (ms, said) => {
  expect(took(ms)).toBe(said);
});

test("the run that started an execution is found beside it, also from the execution of an item of its Map", () => {
  const arn = (machine: string) => `arn:aws:states:eu-west-1:000000000000:execution:${machine}`;
  const started = { by: "fleet-rotation", run: "run-1" };
  expect(runArn(arn("mine-rotation:a"), "rotation", started)).toBe(arn("mine-fleet-rotation:run-1"));
  expect(runArn(arn("mine-operate/RekeyEach:a"), "operate", started)).toBe(arn("mine-fleet-rotation:run-1"));
});
