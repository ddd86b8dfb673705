import type { Model } from "./model.ts";
import type { Bounds as NewcomerBounds } from "./newcomer/bounds.ts";
import { newcomerModel } from "./newcomer/index.ts";
import type { Rules } from "./rules.ts";
import type { Bounds } from "./turning/bounds.ts";
import { turningModel } from "./turning/index.ts";

/** A part of what can happen that is explored as a whole, and how much more of it in a deeper exploration. */
export interface Configuration {
  name: string;
  make(rules: Rules, deep: boolean): Model<unknown>;
}

const NOTHING: Bounds = {
  ...{ executions: 1, turns: 1, rotateTo: 3, deaths: false, powerLoss: false, madeUpTickets: 0 },
  ...{ rekeys: 0, helped: true, operators: false, thefts: 0, alteredDisks: 0, restores: 0 },
  ...{ samples: 0, forgedSamples: 0 },
};

function turning(name: string, bounds: Partial<Bounds>, deeper: Partial<Bounds> = {}): Configuration {
  return {
    name,
    make: (rules, deep) => {
      const all = { ...NOTHING, ...bounds, ...(deep && deeper) } as Bounds;
      return turningModel(name, all, rules) as Model<unknown>;
    },
  };
}

/** A host that loses its folder, and a thief of its credentials, once each. */
const ONCE_EACH: NewcomerBounds = { registrations: 1, executions: 1, lost: 1, thefts: 1, operators: false };

function newcomers(name: string, bounds: Partial<NewcomerBounds>, deeper: Partial<NewcomerBounds> = {}): Configuration {
  return {
    name,
    make: (rules, deep) => {
      const all = { ...ONCE_EACH, ...bounds, ...(deep && deeper) } as NewcomerBounds;
      return newcomerModel(name, all, rules) as Model<unknown>;
    },
  };
}

/**
 * What can happen to one instance, in parts: all of it at once has too many states. Each part has what can meet in a fault
 * of one rule; what meets only across them, no rule of the design ties together: the owner item and the keys of a record
 * share but a record's status, and samples lead to nothing but a verdict.
 */
export const CONFIGURATIONS: Configuration[] = [
  turning("nothing amiss", { executions: 2, turns: 2 }, { rotateTo: 4 }),
  turning(
    "rotations under crashes",
    { executions: 2, deaths: true, powerLoss: true, madeUpTickets: 1 },
    { turns: 2, madeUpTickets: 1 },
  ),
  turning("turns beside one another", { executions: 2, turns: 2, deaths: true, powerLoss: true }, { rotateTo: 4 }),
  turning("rekeys and people", { deaths: true, rekeys: 1, operators: true, thefts: 1 }, { rekeys: 2 }),
  turning("rekeys beside rotations", { executions: 2, deaths: true, rekeys: 1, rotateTo: 2 }, { rotateTo: 3 }),
  turning(
    "rekeys under crashes",
    { deaths: true, powerLoss: true, rekeys: 1, madeUpTickets: 1, rotateTo: 2 },
    { rotateTo: 3 },
  ),
  turning("lost keys and old disks", { deaths: true, rekeys: 1, alteredDisks: 1, rotateTo: 2 }, { thefts: 1 }),
  turning("rekeys and old tables", { rekeys: 1, restores: 1, rotateTo: 2 }, { deaths: true, alteredDisks: 1 }),
  turning("a restored table", { samples: 3, restores: 1, helped: false }, { deaths: true }),
  turning("forged samples", { samples: 3, forgedSamples: 1 }, { forgedSamples: 2 }),
  newcomers("newcomer and former", { operators: true }, { executions: 2 }),
  newcomers("newcomers at once", { registrations: 2, executions: 2, thefts: 0 }, { executions: 1, thefts: 1 }),
];

/** @throws Error where there is none of that name */
export function configurationOf(name: string): Configuration {
  const found = CONFIGURATIONS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no configuration is called ${name}`);
  return found;
}
