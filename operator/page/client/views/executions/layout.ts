import dagre from "@dagrejs/dagre";
import type { Graph, GraphEdge, GraphNode } from "../../../wire/executions.ts";
import { OUTCOME } from "./words.ts";

/** A graph with all that is in it, in pixels from its own upper left corner. */
export interface LaidOut {
  width: number;
  height: number;
  nodes: PlacedNode[];
  edges: PlacedEdge[];
}

export interface PlacedNode {
  node: GraphNode;
  /** Of its upper left corner. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** What is inside of it, from the upper left corner of what it is in. */
  inside: { x: number; y: number; graph: LaidOut }[];
}

export interface PlacedEdge {
  edge: GraphEdge;
  points: { x: number; y: number }[];
  label?: { x: number; y: number; text: string };
}

export const HEAD = 44;
const CHARACTER = 7.7;
const LABEL_CHARACTER = 6.8;
const GAP = 12;

/** Lays a graph out from above to below; what is inside of a state is laid out first, and makes it as large as it is. */
export function layOut(graph: Graph): LaidOut {
  const drawn = new dagre.graphlib.Graph({ multigraph: true });
  drawn.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 34, edgesep: 14, marginx: 8, marginy: 8 });
  drawn.setDefaultEdgeLabel(() => ({}));
  const inner = new Map(graph.nodes.map((node) => [node.state, node.inside.map(layOut)]));
  for (const node of graph.nodes) drawn.setNode(node.state, sizeOf(node, inner.get(node.state) ?? []));
  graph.edges.forEach((edge, at) => {
    const text = labelOf(edge);
    const size = text === "" ? {} : { width: text.length * LABEL_CHARACTER + 8, height: 18, labelpos: "c" };
    drawn.setEdge(edge.from, edge.to, size, String(at));
  });
  dagre.layout(drawn);
  const { width = 0, height = 0 } = drawn.graph() as { width?: number; height?: number };
  return {
    ...{ width, height },
    nodes: graph.nodes.map((node) => placed(node, drawn.node(node.state) as Box, inner.get(node.state) ?? [])),
    edges: graph.edges.map((edge, at) => {
      const { points, x, y } = drawn.edge(edge.from, edge.to, String(at)) as Drawn;
      const text = labelOf(edge);
      return { edge, points, ...(text !== "" && x !== undefined && y !== undefined && { label: { x, y, text } }) };
    }),
  };
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
interface Drawn {
  points: { x: number; y: number }[];
  x?: number;
  y?: number;
}

function labelOf({ error, taken }: GraphEdge): string {
  return [error, taken > 1 && `× ${taken}`].filter(Boolean).join(" ");
}

/** What is said of a state below its name. */
export function saidOf({ type, visits, outcome, isDistributed }: GraphNode): string {
  if (outcome === undefined) return type;
  const { mark, word } = OUTCOME[outcome];
  const times = visits > 1 ? `, ${visits} times` : "";
  return `${mark} ${word}${times}${isDistributed ? "; an execution for each" : ""}`;
}

function sizeOf(node: GraphNode, inner: readonly LaidOut[]): { width: number; height: number } {
  const own = Math.max(120, node.state.length * CHARACTER + 24, saidOf(node).length * LABEL_CHARACTER + 24);
  if (inner.length === 0) return { width: own, height: HEAD };
  const widths = inner.reduce((sum, { width }) => sum + width + GAP, GAP);
  return { width: Math.max(own, widths), height: HEAD + Math.max(...inner.map(({ height }) => height)) + GAP };
}

function placed(node: GraphNode, { x, y, width, height }: Box, inner: readonly LaidOut[]): PlacedNode {
  const left = x - width / 2;
  const top = y - height / 2;
  let at = left + GAP;
  const inside = inner.map((graph) => {
    const here = { x: at, y: top + HEAD, graph };
    at += graph.width + GAP;
    return here;
  });
  return { node, x: left, y: top, width, height, inside };
}
