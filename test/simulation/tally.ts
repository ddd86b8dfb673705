import { failureOf, LOCK_OUTS } from "./failure.ts";
import type { Outcome } from "./simulation.ts";

/** What came of simulations, in figures. */
export interface Tally {
  seeds: number;
  /** How many seeds showed something that must not happen. */
  failed: number;
  /** How often a key or a credential was turned. */
  rotations: number;
  /** How often something befell the fleet. */
  faults: number;
  /** How often a rightful host or consumer could not go on with what it held. */
  lockOuts: number;
  /** All that were sent; of these, how many told of one finding, of a storm of them, and gathered what stood. */
  mails: { all: number; ofOne: number; ofStorms: number; gathered: number };
  /** How many began, each time that one did; and how many were told by their storm's mail. */
  findings: { all: number; inStorms: number };
}

export const NOTHING: Tally = {
  ...{ seeds: 0, failed: 0, rotations: 0, faults: 0, lockOuts: 0 },
  mails: { all: 0, ofOne: 0, ofStorms: 0, gathered: 0 },
  findings: { all: 0, inStorms: 0 },
};

/** The figures of one seed. */
export function tallyOf({ fleet, broken }: Outcome): Tally {
  const { world, rotations, faults } = fleet;
  const mails = { all: world.mail.sent.length, ofOne: 0, ofStorms: 0, gathered: 0 };
  for (const { text } of world.mail.sent) mails[mailKind(text)] += 1;
  return {
    ...{ seeds: 1, failed: broken === undefined ? 0 : 1, rotations, mails },
    faults: [...faults.values()].reduce((sum, times) => sum + times, 0),
    lockOuts: broken !== undefined && LOCK_OUTS.includes(failureOf(broken)) ? 1 : 0,
    findings: {
      all: world.bus.events.filter(({ detailType }) => detailType === "Finding Opened").length,
      inStorms: [...world.findings.all.values()].filter(({ ofStorm }) => ofStorm).length,
    },
  };
}

export function plus(one: Tally, other: Tally): Tally {
  return {
    ...{ seeds: one.seeds + other.seeds, failed: one.failed + other.failed },
    ...{ rotations: one.rotations + other.rotations, faults: one.faults + other.faults },
    lockOuts: one.lockOuts + other.lockOuts,
    mails: {
      ...{ all: one.mails.all + other.mails.all, ofOne: one.mails.ofOne + other.mails.ofOne },
      ofStorms: one.mails.ofStorms + other.mails.ofStorms,
      gathered: one.mails.gathered + other.mails.gathered,
    },
    findings: {
      all: one.findings.all + other.findings.all,
      inStorms: one.findings.inStorms + other.findings.inStorms,
    },
  };
}

/** The figures of one seed, in a line. */
export function figures({ rotations, faults, lockOuts, mails, findings }: Tally): string {
  return (
    `${many(rotations, "rotation")}, ${many(faults, "fault")}, ${many(lockOuts, "lock-out")}, ` +
    `${many(mails.all, "mail")}, ${many(findings.all, "finding")}`
  );
}

/** The figures of all, in the last line. */
export function summary({ seeds, failed, rotations, faults, lockOuts, mails, findings }: Tally): string {
  const { all, ofOne, ofStorms, gathered } = mails;
  return (
    `${many(seeds, "seed")}${failed === 0 ? "" : ` (${failed} failed)`}, ${many(rotations, "rotation")}, ` +
    `${many(faults, "fault")}, ${many(lockOuts, "lock-out")}; ${many(all, "mail")} (${ofOne} of one finding, ` +
    `${ofStorms} of a storm, ${gathered} that gather) against ${many(findings.all, "finding")} (${findings.inStorms} in storms).`
  );
}

/** What is written beneath a mail says of which kind it is. */
export function mailKind(text: string): "ofOne" | "ofStorms" | "gathered" {
  if (text.includes("You get this once for all who came at once.")) return "ofStorms";
  return text.includes("This comes once a day while there is something to say") ? "gathered" : "ofOne";
}

function many(count: number, what: string): string {
  return `${count.toLocaleString("en-GB")} ${what}${count === 1 ? "" : "s"}`;
}
