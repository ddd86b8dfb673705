import assert from "node:assert/strict";
import type { Finding } from "../../functions/findings/finding.ts";
import type { Ground } from "./ground.ts";

/** What is expected of all of these, as invariants are named. */
export const TOLD = "whoever must be told is told in time";

/** Something that people must be told. */
export interface Expected {
  /** Of whom: an ID, an EC2 instance's ID, the name of a secret. One of them is enough. */
  subjects: string[];
  /** By which cause; one of them is enough, and any where none is named. */
  causes: string[];
  /** What happened, in words. */
  because: string;
  /** Whether nobody needs to be told any more: what came right before anybody could see it is nobody's concern. */
  unless?: () => boolean;
}

/** What people must have been told by when. */
export class Expectations {
  readonly #fleet: Ground;
  #open: (Expected & { since: number; by: number })[] = [];
  /** Until when AWS, or whoever tells people, is away: before that nothing can be told. */
  nobodyIsToldUntil = 0;

  constructor(fleet: Ground) {
    this.#fleet = fleet;
  }

  /** @param withinMs from now on, or from when people can be told again */
  add(expected: Expected, withinMs: number): void {
    const { now } = this.#fleet;
    this.#open.push({ ...expected, since: now, by: now + withinMs });
  }

  /** @throws Error that says what was not told, and why it should have been */
  check(): void {
    const { now } = this.#fleet;
    this.#open = this.#open.filter((one) => !this.#isTold(one) && one.unless?.() !== true);
    const late = this.#open.find(({ by }) => now > Math.max(by, this.nobodyIsToldUntil + PATIENCE_MS));
    if (late === undefined) return;
    const { subjects, causes, because } = late;
    const what = causes.join(" or ") || "anything";
    assert.fail(`${TOLD}: nobody was told ${what} of ${subjects.join(" or ")}, though ${because}`);
  }

  #isTold({ subjects, causes, since }: { subjects: string[]; causes: string[]; since: number }): boolean {
    const { all } = this.#fleet.world.findings;
    return [...all.values()].some(
      (finding) => subjects.includes(finding.subject) && isOneOf(causes, finding.cause) && wasTold(finding, since),
    );
  }
}

function isOneOf(causes: string[], cause: string): boolean {
  return causes.length === 0 || causes.includes(cause);
}

/** Whether people know of it, and it stood at that moment or later. */
function wasTold({ toldAt, ofStorm, endedAt = Number.POSITIVE_INFINITY }: Finding, since: number): boolean {
  return (toldAt !== undefined || ofStorm === true) && endedAt > since;
}

/** How long after an outage people have to wait. */
const PATIENCE_MS = 2 * 3_600_000;
