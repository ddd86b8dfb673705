import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Scope } from "../../../operator/page/flow/definition.ts";
import { graphOf } from "../../../operator/page/flow/graph.ts";
import type { Happening } from "../../../operator/page/flow/happening.ts";
import { wayOf } from "../../../operator/page/flow/way.ts";

// Histories that Step Functions itself has written, where they are at hand; see packages/embedded-aws/test/stepfunctions.

const folder = process.env.ASL_RECORDED ?? fileURLToPath(new URL("../../../../shared/asl-recorded", import.meta.url));
const file = `${folder}/cases.json`;

interface Recorded {
  id: string;
  kind: string;
  definition: Scope;
  expected: { events: Record<string, unknown>[] };
}
const all: Recorded[] = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
// In those of a Parallel the recorder has sorted the events of branches, and cut what links them.
const recorded = all.filter(
  ({ kind, definition }) => kind === "history" && !JSON.stringify(definition).includes('"Parallel"'),
);

function happenings({ expected }: Recorded): Happening[] {
  return expected.events.map(({ id, previousEventId, type, timestamp: _, ...rest }) => {
    const details = Object.entries(rest).find(([name]) => name.endsWith("EventDetails"));
    return {
      id: id as number,
      previous: previousEventId as number,
      at: id as number,
      type: type as string,
      details: { ...(details?.[1] as object) },
    };
  });
}

describe.skipIf(recorded.length === 0)("of executions recorded on AWS", () => {
  test("each state that was entered is a step, in that order, and each that was left has ended there", () => {
    for (const one of recorded) {
      const events = happenings(one);
      const { visits } = wayOf(events);
      const named = (ending: string) =>
        events.filter(({ type }) => type.endsWith(ending)).map(({ details }) => details.name);
      expect(
        visits.map(({ state }) => state),
        one.id,
      ).toEqual(named("StateEntered"));
      const left = visits.filter(
        ({ exitedAt, outcome }) => exitedAt !== undefined && ["done", "caught"].includes(outcome),
      );
      expect(left.map(({ state }) => state).sort(), one.id).toEqual(named("StateExited").sort());
    }
  });

  test("the way leads without a gap through states and edges that the definition has", () => {
    for (const one of recorded) {
      const way = wayOf(happenings(one));
      const outer = way.visits.filter(({ inside }) => inside === undefined);
      const passed = way.passages.filter(({ to }) => to.inside === undefined);
      expect(
        passed.map(({ from, to }) => [from, to]),
        one.id,
      ).toEqual(outer.slice(1).map((to, at) => [outer[at], to]));
      const { edges } = graphOf(one.definition, way);
      const taken = edges.reduce((sum, edge) => sum + edge.taken, 0);
      expect(taken, one.id).toBe(passed.length);
    }
  });

  test("one that failed has a step that failed", () => {
    const failed = recorded.filter((one) => happenings(one).some(({ type }) => type === "ExecutionFailed"));
    expect(failed.length).toBeGreaterThan(10);
    for (const one of failed) expect(wayOf(happenings(one)).visits.at(-1)?.outcome, one.id).toBe("failed");
  });
});
