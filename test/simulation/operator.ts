import { stands } from "../../functions/findings/finding.ts";
import type { FlowName } from "../../infra/wiring.ts";
import { hex64Of } from "../functions/support.ts";
import type { Host } from "../harness/host.ts";
import type { Ground } from "./ground.ts";

const A_MINUTE_MS = 60_000;
/** What the mail says to type, in AWS's own words. */
const START =
  /aws stepfunctions start-execution (?:--region \S+ )?--state-machine-arn \S+:keyturn-([\w-]+):live --input '([^']+)'/g;

/** Of what the mail leaves it to a person to look at the host. */
const LOOKED_AT = ["STALE", "PushFailed", "PushUndelivered", "PushRefused", "NeverRegistered"];

export interface Mail {
  subject: string;
  text: string;
}

/** Whoever is on call: reads the mails, and does what they say some time later. */
export class Operator {
  readonly #fleet: Ground;
  readonly #mails: Mail[] = [];
  /** How often he has done something. */
  acts = 0;

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
    fleet.later(Math.round((5 + 235 * share) * A_MINUTE_MS), () => this.#follow(mail));
  }

  #follow({ subject, text }: Mail): void {
    // What still stands was not mended by what was done: the same once more.
    if (/still stands?\b/.test(subject)) {
      const standing = [...this.#fleet.world.findings.all.values()].filter((one) => one.times > 0 && stands(one));
      for (const { subject: about, cause } of standing) this.#followFinding(about, cause);
      return;
    }
    for (const [, flow, input = ""] of text.matchAll(START)) this.#start(flow as FlowName, JSON.parse(input));
    const [, cause = "", about = ""] = /^Keyturn: (\w+) on (\S+)/.exec(subject) ?? [];
    if (LOOKED_AT.includes(cause)) this.#lookAt(about);
    for (const what of this.#doMore({ subject, text })) {
      this.acts += 1;
      this.#fleet.note(`the operator ${what}`);
    }
  }

  /** Does what the last mail says that told of it; of a storm there was none for each. */
  #followFinding(about: string, cause: string): void {
    const mail = this.#mails.findLast(({ subject }) => subject.startsWith(`Keyturn: ${cause} on ${about}`));
    if (mail !== undefined && !/still stands?\b/.test(mail.subject)) this.#follow(mail);
    else if (LOOKED_AT.includes(cause)) this.#lookAt(about);
  }

  #lookAt(about: string): void {
    for (const host of this.#fleet.world.hosts.values()) {
      if (about === host.ec2InstanceId || about === host.lastId) void this.#visit(host);
    }
  }

  /** Looks at the agent, as the runbook says: sets the clock, mends the network, and sees whether there is a key. */
  async #visit(host: Host): Promise<void> {
    Object.assign(host, { clockOffMs: 0, isCutOff: false });
    const id = await host.ownId();
    if (host.state !== "running" || id === undefined || (await host.keyFile()) !== undefined) return;
    this.#start("operate", { act: "rekey", id });
  }

  #start(flow: FlowName, input: object): void {
    this.acts += 1;
    this.#fleet.note(`the operator starts ${flow} ${JSON.stringify(input)}`);
    this.#fleet.world.start(flow, input);
  }
}
