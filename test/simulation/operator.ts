import { hex64Of } from "../functions/support.ts";
import type { Fleet } from "./fleet.ts";

const A_MINUTE_MS = 60_000;
/** What the mail says to type, in AWS's own words. */
const START = /aws stepfunctions start-execution --state-machine-arn \S+:keyturn-([\w-]+):live --input '([^']+)'/g;

/** Whoever is on call: reads the mails, and does what they say some time later. */
export class Operator {
  readonly #fleet: Fleet;
  /** How often he has done something. */
  acts = 0;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  gets({ subject, text }: { subject: string; text: string }): void {
    const fleet = this.#fleet;
    // Anything between five minutes and four hours, the same for the same mail.
    const share = Number.parseInt(hex64Of(`${subject} ${fleet.now}`).slice(0, 8), 16) / 2 ** 32;
    fleet.later(Math.round((5 + 235 * share) * A_MINUTE_MS), () => this.#act(text));
  }

  #act(text: string): void {
    for (const [, flow = "", input = ""] of text.matchAll(START)) {
      this.acts += 1;
      this.#fleet.note(`the operator starts ${flow} ${input}`);
      this.#fleet.world.start(flow as never, JSON.parse(input));
    }
  }
}
