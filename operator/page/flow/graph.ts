import type { Graph, GraphEdge, GraphNode } from "../wire/executions.ts";
import { type Scope, type State, scopesIn } from "./definition.ts";
import type { Way } from "./way.ts";

/**
 * The graph of a definition, with the way that an execution took through it: all ways that the definition has, but those that only
 * an error takes where none has taken them, and the states to which nothing leads then.
 *
 * @param way none where nothing has happened yet
 */
export function graphOf(scope: Scope, way: Way): Graph {
  const passed = passagesIn(way);
  const edges = Object.entries(scope.States).flatMap(([name, state]) => edgesFrom(name, state, passed));
  const reached = reachedFrom(scope.StartAt, edges);
  return {
    nodes: Object.entries(scope.States)
      .filter(([name]) => reached.has(name) || way.visits.some(({ state }) => state === name))
      .map(([name, state]) => nodeOf(name, state, way)),
    edges: edges.filter(({ from }) => reached.has(from)),
  };
}

function nodeOf(name: string, state: State, way: Way): GraphNode {
  const visits = way.visits.filter((one) => one.state === name);
  const outcome = visits.find((one) => one.outcome === "running")?.outcome ?? visits.at(-1)?.outcome;
  return {
    ...{ state: name, type: state.Type, visits: visits.length },
    ...(state.Comment !== undefined && { comment: state.Comment }),
    ...(outcome !== undefined && { outcome }),
    inside: scopesIn(state).map((inner) => graphOf(inner, way)),
    ...(state.ItemProcessor?.ProcessorConfig?.Mode === "DISTRIBUTED" && { isDistributed: true }),
  };
}

interface Passed {
  from: string;
  to: string;
  /** By an error that was caught. */
  error?: string;
  times: number;
}

function passagesIn({ passages }: Way): Passed[] {
  const all = new Map<string, Passed>();
  for (const { from, to } of passages) {
    const isCaught = from.outcome === "caught";
    const key = JSON.stringify([from.state, to.state, isCaught]);
    const known = all.get(key) ?? { from: from.state, to: to.state, times: 0 };
    all.set(key, { ...known, times: known.times + 1, ...(isCaught && { error: from.error ?? "States.ALL" }) });
  }
  return [...all.values()];
}

function edgesFrom(name: string, { Next, Default, Choices = [] }: State, passed: readonly Passed[]): GraphEdge[] {
  const regular = [...Choices.map((one) => one.Next), Default, Next].filter((to) => to !== undefined);
  const from = passed.filter((one) => one.from === name);
  const caught = from.flatMap(({ to, error, times }) =>
    error === undefined ? [] : [{ from: name, to, taken: times, error }],
  );
  const ways = [...new Set(regular)].map((to): GraphEdge => {
    const taken = from.find((one) => one.to === to && one.error === undefined);
    return { from: name, to, taken: taken?.times ?? 0 };
  });
  return [...ways, ...caught];
}

function reachedFrom(start: string, edges: readonly GraphEdge[]): Set<string> {
  const reached = new Set([start]);
  for (const name of reached) for (const { from, to } of edges) if (from === name) reached.add(to);
  return reached;
}
