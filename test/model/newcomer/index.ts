import type { Model } from "../model.ts";
import type { Rules } from "../rules.ts";
import type { Bounds } from "./bounds.ts";
import { executionSteps } from "./execution.ts";
import { otherSteps } from "./others.ts";
import { isRight, PROPERTIES } from "./properties.ts";
import { registrationSteps } from "./registration.ts";
import { BEGIN, freeId, looks, nameOf, type State } from "./state.ts";

/** The records of one EC2 instance: who registers beside a former record, and who takes its place. */
export function newcomerModel(name: string, bounds: Bounds, rules: Rules): Model<State> {
  return {
    ...{
      name,
      bounds,
      begin: BEGIN,
      nameOf,
      looks,
      isRight,
      isCut: (state) => freeId(state) === undefined,
      properties: PROPERTIES,
    },
    steps(state, emit) {
      const around = { rules, bounds, emit };
      registrationSteps(state, around);
      executionSteps(state, around);
      otherSteps(state, around);
    },
  };
}
