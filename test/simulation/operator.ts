import { type Finding, stands } from "../../functions/findings/finding.ts";
import type { FlowName } from "../../infra/wiring.ts";
import { hex64Of } from "../functions/support.ts";
import type { Ground } from "./ground.ts";
import { doAsTheRunbookSays } from "./runbook.ts";
import { A_MINUTE_MS } from "./times.ts";

/** What the mail says to type, in AWS's own words. */
const START =
  /aws stepfunctions start-execution (?:--region \S+ )?--state-machine-arn \S+:keyturn-([\w-]+):live --input '([^']+)'/g;

export interface Mail {
  subject: string;
  text: string;
}

/** Whoever is on call: reads the mails, and does what they say some time later. */
export class Operator {
  readonly #fleet: Ground;
  readonly #mails: Mail[] = [];
  readonly #doMore: (mail: Mail) => string[];

  /** @param doMore what he does besides of what a mail says, a sentence for each act */
  constructor(fleet: Ground, doMore: (mail: Mail) => string[]) {
    this.#fleet = fleet;
    this.#doMore = doMore;
  }

  gets(mail: Mail): void {
    const fleet = this.#fleet;
    this.#mails.push(mail);
    // Anything between five minutes and four hours, the same for the same mail.
    const share = Number.parseInt(hex64Of(`${mail.subject} ${fleet.now}`).slice(0, 8), 16) / 2 ** 32;
    fleet.later(Math.round((5 + 235 * share) * A_MINUTE_MS), () => void this.#follow(mail));
  }

  readonly #start = (flow: FlowName, input: object): void => {
    this.#fleet.note(`the operator starts ${flow} ${JSON.stringify(input)}`);
    this.#fleet.world.start(flow, input);
  };

  async #follow({ subject, text }: Mail): Promise<void> {
    const standing = [...this.#fleet.world.findings.all.values()].filter((one) => one.times > 0 && stands(one));
    // What still stands was not mended by what was done: the same once more.
    if (/still stands?\b/.test(subject)) {
      for (const finding of standing) await this.#followAgain(finding);
      return;
    }
    this.#doAsWritten({ subject, text });
    const [, cause, about = ""] = /^Keyturn: (\w+) on (\S+)/.exec(subject) ?? [];
    const ofCause = standing.filter((one) => one.cause === cause);
    // A storm's mail names none of those who are of it.
    const meant = subject.endsWith("at once") ? ofCause : ofCause.filter((one) => one.subject === about);
    for (const finding of meant) await doAsTheRunbookSays(finding, this.#fleet, this.#start);
  }

  /** Does what the last mail says that told of it; of a storm there was none for each. */
  async #followAgain(finding: Finding): Promise<void> {
    const { subject: about, cause } = finding;
    const told = this.#mails.findLast(({ subject }) => subject.startsWith(`Keyturn: ${cause} on ${about}`));
    if (told !== undefined && !/still stands?\b/.test(told.subject)) this.#doAsWritten(told);
    await doAsTheRunbookSays(finding, this.#fleet, this.#start);
  }

  /** Types what the mail has in AWS's own words, and does what it says besides. */
  #doAsWritten(mail: Mail): void {
    for (const [, flow, input = ""] of mail.text.matchAll(START)) this.#start(flow as FlowName, JSON.parse(input));
    for (const what of this.#doMore(mail)) {
      this.#fleet.note(`the operator ${what}`);
    }
  }
}
