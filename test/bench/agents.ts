import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ACCOUNT, type EmbeddedAws, type InstanceShell, REGION, type ScriptResult } from "embedded-aws";
import { systemClock } from "../../agent/clock.ts";
import { systemDisk } from "../../agent/disk.ts";
import type { Log } from "../../agent/log.ts";
import type { InstanceCredentials } from "../../agent/metadata.ts";
import { registrationAt } from "../../agent/registration/call.ts";
import { registerOnce } from "../../agent/registration/register.ts";
import { writeSample } from "../../agent/samples/write-sample.ts";
import { openSeries } from "../../agent/series/open.ts";
import type { SeriesPlace } from "../../agent/series/place.ts";
import { openIdentity } from "../../agent/state/boot.ts";
import { fileLock } from "../../agent/state/lock.ts";
import { placesIn } from "../../agent/state/places.ts";
import { noHooks } from "../../agent/turn/hooks.ts";
import { dynamodbTickets } from "../../agent/turn/tickets.dynamodb.ts";
import { turn } from "../../agent/turn/turn.ts";
import { functionNameOf, STEPS } from "../../functions/steps.ts";
import { NAMES } from "../../infra/wiring.ts";

const SERIES = { kind: "timestream", database: NAMES.timestreamDatabase, table: NAMES.timestreamTable } as const;
const LOCK_WAIT_MS = 30_000;
const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** An agent without a process of its own: its code, its files and its calls are those of the real one. */
class Agent {
  readonly ec2InstanceId: string;
  readonly #state;
  readonly #place: SeriesPlace;
  readonly #register;

  constructor(aws: EmbeddedAws, folder: string, ec2InstanceId: string) {
    this.ec2InstanceId = ec2InstanceId;
    const places = placesIn(join(folder, ec2InstanceId));
    const lock = fileLock(places.lock, LOCK_WAIT_MS, systemClock);
    this.#state = { disk: systemDisk, places, lock, random: randomBytes, log: silent };
    const credentials = {
      sessionToken: "",
      ...aws.credentialsOf(ec2InstanceId),
      expiration: new Date(Date.now() + 6 * 3_600_000),
    } satisfies InstanceCredentials;
    const region = async () => REGION;
    this.#place = {
      region,
      partition: async () => "aws",
      accountId: async () => ACCOUNT,
      credentials: async () => credentials,
    };
    const metadata = {
      ...this.#place,
      ec2InstanceId: async () => ec2InstanceId,
      ip: async () => "10.0.0.1",
    };
    const [step] = STEPS;
    const url = new URL(`${aws.endpoint}/_function-url/${functionNameOf(step)}/`);
    this.#register = registrationAt(url, region, metadata);
  }

  /** Boots as on a new host: draws an ID, registers, agrees on the first key, proves it. Returns the ID. */
  async boot(): Promise<string> {
    const { disk, places } = this.#state;
    await disk.makeFolder(places.folder);
    const identity = await openIdentity(this.#state, this.ec2InstanceId);
    const parts = { ...this.#state, register: this.#register };
    const { outcome } = await registerOnce(parts, identity, "10.0.0.1");
    if (outcome.kind !== "registered") throw new Error(`An agent could not register: ${JSON.stringify(outcome)}`);
    await this.prove();
    return identity.id;
  }

  async prove(): Promise<void> {
    await this.#withSeries((series) =>
      writeSample({ disk: systemDisk, keyPath: this.#state.places.key, series, clock: systemClock }),
    );
  }

  /** What `keyturn-agent turn` does and prints. */
  async turn(): Promise<string> {
    const tickets = dynamodbTickets(NAMES.ticketTable, this.#place);
    try {
      const result = await this.#withSeries((series) =>
        turn({
          ...{ ...this.#state, tickets, series, hooks: noHooks, nonce: "hmac", clock: systemClock },
          ...{ register: this.#register, ip: async () => "10.0.0.1" },
        }),
      );
      return `${JSON.stringify(result)}\n`;
    } finally {
      tickets.close();
    }
  }

  /** A client of its own each time, as each process has. */
  async #withSeries<T>(work: (series: ReturnType<typeof openSeries>) => Promise<T>): Promise<T> {
    const series = openSeries(SERIES, this.#place);
    try {
      return await work(series);
    } finally {
      series.close();
    }
  }
}

/** Many agents in this process, and the way in which SSM's commands reach them. */
export class Agents implements InstanceShell {
  readonly #agents = new Map<string, Agent>();

  /** Adds agents that have registered and proved their keys. Returns their IDs. */
  async boot(aws: EmbeddedAws, folder: string, count: number): Promise<string[]> {
    // The SDK's clients find the embedded AWS as the agents' own processes do.
    process.env.AWS_ENDPOINT_URL = aws.endpoint;
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const agent = new Agent(aws, folder, `i-${n.toString(16).padStart(17, "0")}`);
      this.#agents.set(agent.ec2InstanceId, agent);
      ids.push(await agent.boot());
    }
    return ids;
  }

  /** Every EC2 instance runs, also one on which no agent lives: there a command ends at once. */
  state(): "running" {
    return "running";
  }

  async runScript(ec2InstanceId: string): Promise<ScriptResult> {
    const stdout = (await this.#agents.get(ec2InstanceId)?.turn()) ?? "";
    return { exitCode: 0, stdout, stderr: "", timedOut: false };
  }
}
