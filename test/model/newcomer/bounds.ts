import type { Emit } from "../model.ts";
import type { Rules } from "../rules.ts";
import type { State, Work } from "./state.ts";

export interface Bounds extends Record<string, number | boolean> {
  /** How many there are at once. */
  registrations: number;
  executions: number;
  /** How often the host loses its folder. */
  lost: number;
  /** How often a thief of its credentials registers under a fresh ID. */
  thefts: number;
  /** Whether people quarantine and release. */
  operators: boolean;
}

export interface Around {
  rules: Rules;
  bounds: Bounds;
  emit: Emit<State>;
}

type Kind = "registrations" | "executions";

/** One of those that are under way goes on, or ends where nothing is given. */
export function going(state: State, kind: Kind, index: number, changes?: Partial<Work>): State {
  const left = state[kind].flatMap((one, n) => {
    if (n !== index) return [one];
    return changes === undefined ? [] : [{ ...one, ...changes }];
  });
  return { ...state, [kind]: left };
}

/** The owner item is written: all the others who have read it have read what stands no more. */
export function writeOwner(state: State, owner: State["owner"]): State {
  const stale = (one: Work): Work => (one.isStale ? one : { ...one, isStale: true });
  return {
    ...state,
    ...{ owner, registrations: state.registrations.map(stale), executions: state.executions.map(stale) },
  };
}
