import type { Model } from "../model.ts";
import type { Rules } from "../rules.ts";
import { agentSteps } from "./agent.ts";
import type { Bounds } from "./bounds.ts";
import { executionSteps } from "./execution.ts";
import { attackerSteps, operatorSteps } from "./others.ts";
import { isRight, PROPERTIES } from "./properties.ts";
import { sampleSteps } from "./samples.ts";
import { BEGIN, looks, nameOf, type State } from "./state.ts";

/** A record, its executions, its host and what befalls them: how a key is turned. */
export function turningModel(name: string, bounds: Bounds, rules: Rules): Model<State> {
  return {
    ...{ name, bounds, begin: BEGIN, nameOf, looks, isRight, properties: PROPERTIES },
    steps(state, emit) {
      const around = { rules, bounds, emit };
      executionSteps(state, around);
      agentSteps(state, around);
      sampleSteps(state, around);
      operatorSteps(state, around);
      attackerSteps(state, around);
    },
  };
}
