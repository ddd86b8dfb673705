import { type Definitions, readDefinitions } from "../harness/definitions.ts";
import type { Bug } from "./bug.ts";
import { calm, comeToRest } from "./end.ts";
import { failureOf, INVARIANTS } from "./failure.ts";
import { Fleet } from "./fleet.ts";
import { KINDS } from "./kinds/index.ts";
import { planOf } from "./plan.ts";
import { CALM_DAYS, type Happening, type Setup } from "./setup.ts";
import { A_DAY_MS } from "./times.ts";

/** What came of a simulation. */
export interface Outcome {
  fleet: Fleet;
  plan: Happening[];
  /** What must not have happened, as a sentence; undefined where all went as it must. */
  broken: string | undefined;
  /** Where in the code it was thrown, if it is not an invariant that does not hold. */
  stack?: string | undefined;
}

/**
 * Runs a fleet for so many days, and all that is to befall it.
 *
 * @param plan what befalls it; what the seed says where nothing is given
 * @param bug is put into the product before anything runs
 */
export async function simulate(setup: Setup, plan = planOf(setup), bug?: Bug): Promise<Outcome> {
  const fleet = new Fleet(setup, bug?.alters && altered(bug.alters));
  bug?.breaks?.(fleet);
  let broken: string | undefined;
  let stack: string | undefined;
  try {
    for (const { at, kind, what } of plan) {
      await fleet.runTo(fleet.began + at);
      fleet.note(`${kind}: ${JSON.stringify(what)}`);
      fleet.faults.set(kind, (fleet.faults.get(kind) ?? 0) + 1);
      await KINDS[kind]?.befall(what, fleet);
    }
    await fleet.runTo(fleet.began + (setup.days - (setup.calmDays ?? CALM_DAYS)) * A_DAY_MS);
    calm(fleet);
    await fleet.runTo(fleet.began + setup.days * A_DAY_MS);
    await comeToRest(fleet);
  } catch (error) {
    broken = error instanceof Error ? error.message : String(error);
    if (error instanceof Error && !INVARIANTS.includes(failureOf(broken))) ({ stack } = error);
  }
  return { fleet, plan, broken, ...(stack !== undefined && { stack }) };
}

function altered(alters: (definitions: Definitions) => void): Definitions {
  const definitions = readDefinitions();
  alters(definitions);
  return definitions;
}
