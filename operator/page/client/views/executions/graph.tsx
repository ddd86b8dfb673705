import { useMemo } from "preact/hooks";
import type { Graph } from "../../../wire/executions.ts";
import { HEAD, type LaidOut, layOut, type PlacedEdge, type PlacedNode, saidOf } from "./layout.ts";
import { OUTCOME } from "./words.ts";

/** The graph of a flow, with the way that was taken. What it shows is said in words, too. */
export function Drawing({ graph, words }: { graph: Graph; words: string }) {
  // What is laid out anew each second would be felt.
  const laid = useMemo(() => layOut(graph), [JSON.stringify(graph)]);
  return (
    // What is scrolled must be reached by keyboard, too.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section class="scrolled drawing" tabIndex={0} aria-label="Graph of the flow">
      <svg
        role="img"
        aria-label={words}
        width={laid.width}
        height={laid.height}
        viewBox={`0 0 ${laid.width} ${laid.height}`}
      >
        <defs>
          <Arrow id="arrow" />
          <Arrow id="arrow-taken" />
          <Arrow id="arrow-caught" />
        </defs>
        <Part laid={laid} />
      </svg>
    </section>
  );
}

function Arrow({ id }: { id: string }) {
  return (
    <marker id={id} class={id} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
      <path d="M0 0 8 4 0 8z" />
    </marker>
  );
}

function Part({ laid }: { laid: LaidOut }) {
  // What was taken lies above what was not.
  const edges = [...laid.edges].sort((one, other) => one.edge.taken - other.edge.taken);
  return (
    <>
      {edges.map((edge) => (
        <Edge key={`${edge.edge.from} ${edge.edge.to} ${edge.edge.error}`} placed={edge} />
      ))}
      {laid.nodes.map((node) => (
        <Node key={node.node.state} placed={node} />
      ))}
    </>
  );
}

function Edge({ placed: { edge, points, label } }: { placed: PlacedEdge }) {
  const kind = edge.error !== undefined ? "caught" : edge.taken > 0 ? "taken" : "";
  const [first, ...rest] = points;
  if (first === undefined) return null;
  const path = `M${first.x} ${first.y}${rest.map(({ x, y }) => `L${x} ${y}`).join("")}`;
  return (
    <g class={`edge ${kind}`}>
      <path d={path} marker-end={`url(#arrow${kind === "" ? "" : `-${kind}`})`} />
      {label !== undefined && (
        <text x={label.x} y={label.y + 4} text-anchor="middle">
          {label.text}
        </text>
      )}
    </g>
  );
}

function Node({ placed: { node, x, y, width, height, inside } }: { placed: PlacedNode }) {
  const { state, type, comment, outcome } = node;
  const kind = outcome === undefined ? "" : `taken ${OUTCOME[outcome].tone}`;
  return (
    <g class={`node ${kind}`}>
      {comment !== undefined && <title>{comment}</title>}
      <rect x={x} y={y} width={width} height={height} rx={type === "Choice" ? 16 : 6} />
      <text class="named" x={x + width / 2} y={y + 19} text-anchor="middle">
        {state}
      </text>
      <text class="said" x={x + width / 2} y={y + HEAD - 9} text-anchor="middle">
        {saidOf(node)}
      </text>
      {inside.map((part, at) => (
        <g key={at} transform={`translate(${part.x} ${part.y})`}>
          <Part laid={part.graph} />
        </g>
      ))}
    </g>
  );
}
