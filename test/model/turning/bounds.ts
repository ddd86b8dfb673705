import type { Emit } from "../model.ts";
import type { Rules } from "../rules.ts";
import type { State } from "./state.ts";

/** How much of everything there may be in a configuration. */
export interface Bounds extends Record<string, number | boolean> {
  /** How many executions, and turns of the agent, there are at once: one or two. */
  executions: number;
  turns: number;
  /** The highest generation that rotations lead to. */
  rotateTo: number;
  /** Executions, their functions and turns die at any point; commands and answers come twice, late or not at all. */
  deaths: boolean;
  /** The power of the host goes at any point. */
  powerLoss: boolean;
  /** How many tickets are made up. */
  madeUpTickets: number;
  /** How many rekeys people open, besides those that are needed. */
  rekeys: number;
  /** Whether people open those that are needed. */
  helped: boolean;
  /** Whether people quarantine, release and retire. */
  operators: boolean;
  /** How often a thief of the instance's credentials answers a rekey. */
  thefts: number;
  /** How often the key file is lost, or the disk put back from a backup. */
  alteredDisks: number;
  /** How often the record's table is restored. */
  restores: number;
  /** How many samples there are at once; with none, an execution goes on whatever they would say. */
  samples: number;
  forgedSamples: number;
}

/** What a part's steps are given. */
export interface Around {
  rules: Rules;
  bounds: Bounds;
  emit: Emit<State>;
}
