import type { Outcome, Step } from "../wire/executions.ts";
import { type Happening, isEntry, isExit, isSpoilt, isTry, textOf } from "./happening.ts";

/** A visit to a state, from its being entered to its end. */
export interface Visit extends Omit<Step, "depth" | "within"> {
  /** The Map or Parallel that it is inside of, and which of its iterations it is in, where that is said. */
  inside?: Visit;
  iteration?: number;
  output?: string;
  input?: string;
  /** The Map Run of its items. */
  mapRun?: string;
  /** Whether the last of its tries has failed. */
  isSpoilt: boolean;
}

/** A step from one state to the next, as two consecutive events say it. */
export interface Passage {
  from: Visit;
  to: Visit;
}

/** The way that an execution took. */
export interface Way {
  /** In the order in which they were entered. */
  visits: Visit[];
  passages: Passage[];
  /** The visit that each event is about, by the event's number. */
  visitOf: ReadonlyMap<number, Visit>;
}

const ENDS: Record<string, Outcome> = {
  ExecutionSucceeded: "done",
  ExecutionFailed: "failed",
  ExecutionAborted: "aborted",
  ExecutionTimedOut: "timed out",
};

/**
 * The way that an execution took, from its history. Events are linked to the one before them on their own way, so that branches
 * of a Parallel and iterations of a Map are told apart however they are mixed; a passage is only where a state's being entered
 * follows on another's being left.
 *
 * @param events in the order of their numbers; those at the end may be missing
 */
export function wayOf(events: readonly Happening[]): Way {
  const way = new Walk();
  for (const event of events) way.take(event);
  return way;
}

class Walk implements Way {
  readonly visits: Visit[] = [];
  readonly passages: Passage[] = [];
  readonly visitOf = new Map<number, Visit>();
  readonly #exits = new Map<number, Visit>();
  /** Which iteration an event is in, of one that is in one directly. */
  readonly #iterations = new Map<number, number>();

  take(event: Happening): void {
    const end = ENDS[event.type];
    if (end !== undefined) this.#endAll(event, end);
    else if (isEntry(event)) this.#enter(event);
    else if (isExit(event)) this.#exit(event);
    else if (event.type.endsWith("StateAborted")) this.#abort(event);
    else this.#note(event);
  }

  #enter(event: Happening): void {
    const before = this.#exits.get(event.previous);
    // Where no state was left before, it is the first: of all, or in the Map or Parallel that the event before is about.
    const inside = before === undefined ? this.#openAbove(event.previous, isFamily) : before.inside;
    const iteration = before === undefined ? this.#iterations.get(event.previous) : before.iteration;
    const visit: Visit = {
      ...{ event: event.id, state: textOf(event, "name") ?? "", type: event.type.replace(/StateEntered$/, "") },
      ...(inside !== undefined && { inside }),
      ...(iteration !== undefined && { iteration }),
      ...{ enteredAt: event.at, outcome: "running", attempts: 0, isSpoilt: false },
      ...given("input", textOf(event, "input")),
    };
    this.visits.push(visit);
    this.visitOf.set(event.id, visit);
    if (before !== undefined) this.passages.push({ from: before, to: visit });
  }

  #exit(event: Happening): void {
    const name = textOf(event, "name");
    const visit = this.#openAbove(event.previous, ({ state }) => state === name);
    if (visit === undefined) return;
    this.visitOf.set(event.id, visit);
    this.#exits.set(event.id, visit);
    Object.assign(visit, { exitedAt: event.at, outcome: visit.isSpoilt ? "caught" : "done" });
    Object.assign(visit, given("output", textOf(event, "output")));
  }

  /** AWS does not say which state it was: it is one of that type, in the Parallel or Map that is being ended. */
  #abort(event: Happening): void {
    const type = event.type.replace(/StateAborted$/, "");
    const family = this.#openAbove(event.previous, isFamily);
    const visit = this.visits.find(
      (one) => one.type === type && isOpen(one) && (family === undefined || isInside(one, family)),
    );
    if (visit === undefined) return;
    this.visitOf.set(event.id, visit);
    Object.assign(visit, { exitedAt: event.at, outcome: visit.isSpoilt ? "failed" : "aborted" });
  }

  /** The visit that an event is about which neither enters nor leaves a state. */
  #about(event: Happening): Visit | undefined {
    const named = event.type === "EvaluationFailed" ? textOf(event, "state") : undefined;
    if (named !== undefined) return this.visits.findLast((one) => one.state === named && isOpen(one));
    const [, family] = /^(Map|Parallel)(?:State|Iteration|Run)/.exec(event.type) ?? [];
    return this.#openAbove(event.previous, ({ type }) => family === undefined || type === family);
  }

  #note(event: Happening): void {
    const visit = this.#about(event);
    if (visit === undefined) return;
    this.visitOf.set(event.id, visit);
    const { index } = event.details;
    if (event.type === "MapIterationStarted" && typeof index === "number") this.#iterations.set(event.id, index);
    Object.assign(visit, given("mapRun", textOf(event, "mapRunArn")));
    Object.assign(visit, given("started", startedIn(event)));
    if (isTry(event)) Object.assign(visit, { attempts: visit.attempts + 1, isSpoilt: false });
    if (!isSpoilt(event)) return;
    visit.isSpoilt = true;
    const inner = isFamily(visit) ? this.visits.findLast((one) => one.isSpoilt && isInside(one, visit)) : undefined;
    Object.assign(visit, given("error", textOf(event, "error") ?? timeoutIn(event) ?? inner?.error));
    Object.assign(visit, given("cause", textOf(event, "cause") ?? inner?.cause));
  }

  /** The nearest visit that has not ended, from the one that an event is about outwards, which is as asked for. */
  #openAbove(event: number, isIt: (visit: Visit) => boolean): Visit | undefined {
    let visit = this.visitOf.get(event);
    while (visit !== undefined && !(isOpen(visit) && isIt(visit))) visit = visit.inside;
    return visit;
  }

  #endAll({ at, details }: Happening, outcome: Outcome): void {
    for (const visit of this.visits.filter(isOpen)) {
      const isFailing = outcome === "failed" && visit.type === "Fail";
      Object.assign(visit, { exitedAt: at, outcome });
      if (isFailing) Object.assign(visit, { error: details.error, cause: details.cause });
    }
  }
}

const isOpen = ({ exitedAt }: Visit) => exitedAt === undefined;
const isFamily = ({ type }: Visit) => type === "Map" || type === "Parallel";

function isInside({ inside }: Visit, family: Visit): boolean {
  return inside !== undefined && (inside === family || isInside(inside, family));
}

const STARTED = /"ExecutionArn":"(arn:[^"]+)"/;

function startedIn(event: Happening): string | undefined {
  if (textOf(event, "resourceType") !== "states") return undefined;
  return STARTED.exec(textOf(event, "output") ?? "")?.[1];
}

function timeoutIn({ type }: Happening): string | undefined {
  return type.endsWith("TimedOut") ? "States.Timeout" : undefined;
}

function given(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}
