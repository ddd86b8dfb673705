import { randomUUID } from "node:crypto";
import { type SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { BusEvent } from "embedded-aws";

/** Runs executions to their ends, of which EventBridge's events tell: nobody has to ask again and again. */
export class Runs {
  /** By the execution's name, which is known before it can have ended. */
  readonly #waiting = new Map<string, (status: unknown) => void>();

  /** To be told of each event of the default bus. */
  onEvent({ detail }: BusEvent): void {
    if (detail.status !== "RUNNING") this.#waiting.get(String(detail.name))?.(detail.status);
  }

  /** @throws Error when the execution does not succeed */
  async run(client: SFNClient, stateMachineArn: string, input: object): Promise<void> {
    const name = randomUUID();
    const ended = new Promise((resolve) => this.#waiting.set(name, resolve));
    await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
    const status = await ended;
    this.#waiting.delete(name);
    if (status !== "SUCCEEDED") throw new Error(`The execution ${name} ended ${status}.`);
  }
}
