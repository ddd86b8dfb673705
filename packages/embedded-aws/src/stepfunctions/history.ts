import type { Branch, Execution, HistoryEvent } from "./execution.ts";
import type { Json } from "./json.ts";

/** The event types whose details are not in the member that bears the type's name. */
const MEMBERS: Record<string, string> = { StateEntered: "stateEntered", StateExited: "stateExited" };

type Details = Record<string, unknown>;

/** How an event is linked. */
export type Link =
  /** It follows the last event and is followed. */
  | "follow"
  /** It follows the newest event and is not followed itself. */
  | "aside"
  /** It follows the last event and is not followed itself. */
  | "beside";

/** Adds an event to an execution's history. Returns its ID. */
export function record(
  execution: Execution,
  now: number,
  type: string,
  previousEventId: number,
  details?: Details,
): number {
  const id = execution.nextEvent;
  execution.nextEvent += 1;
  const event: HistoryEvent = { id, previousEventId, timestamp: now, type };
  if (details !== undefined) event.details = [memberOf(type), details];
  execution.events.push(event);
  return id;
}

/** Adds an event to the chain of a branch. Returns its ID. */
export function recordIn(
  execution: Execution,
  branch: Branch,
  now: number,
  type: string,
  details?: Details,
  link: Link = "follow",
): number {
  const { chain } = branch;
  const id = record(execution, now, type, link === "aside" ? chain.tail : chain.last, details);
  chain.tail = id;
  if (link === "follow") chain.last = id;
  execution.changed.add(branch);
  return id;
}

function memberOf(type: string): string {
  const kind = /State(Entered|Exited)$/.exec(type)?.[0];
  const name = kind === undefined ? type : (MEMBERS[kind] ?? type);
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}EventDetails`;
}

/** Details that carry a payload: the text, and the note that it is whole. */
export function payload(member: "input" | "output", text: string): Details {
  return { [member]: text, [`${member}Details`]: { truncated: false } };
}

/** Details that carry what a state assigned: the variables as JSON texts. */
export function assigned(variables: Record<string, Json>): Details {
  const texts = Object.entries(variables).map(([name, value]) => [name, JSON.stringify(value)]);
  return { assignedVariables: Object.fromEntries(texts), assignedVariablesDetails: { truncated: false } };
}
