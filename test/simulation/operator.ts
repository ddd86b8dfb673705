import type { FlowName } from "../../infra/wiring.ts";
import { hex64Of } from "../functions/support.ts";
import type { Host } from "../harness/host.ts";
import type { Fleet } from "./fleet.ts";

const A_MINUTE_MS = 60_000;
/** What the mail says to type, in AWS's own words. */
const START = /aws stepfunctions start-execution --state-machine-arn \S+:keyturn-([\w-]+):live --input '([^']+)'/g;

/** Of what the mail leaves it to a person to look at the host. */
const LOOKED_AT = ["STALE", "PushFailed", "PushUndelivered", "PushRefused", "NeverRegistered"];

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
    fleet.later(Math.round((5 + 235 * share) * A_MINUTE_MS), () => {
      this.#act(text);
      const [, cause = "", host] = /^Keyturn: (\w+) on .*?(i-[0-9a-f]{17})/.exec(subject) ?? [];
      if (LOOKED_AT.includes(cause))
        for (const one of fleet.world.hosts.values()) if (one.ec2InstanceId === host) void this.#visit(one);
    });
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

  #act(text: string): void {
    for (const [, flow, input = ""] of text.matchAll(START)) this.#start(flow as FlowName, JSON.parse(input));
  }
}
