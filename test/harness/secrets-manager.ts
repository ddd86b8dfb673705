import type { FakeSecrets } from "../../functions/clients/secrets.fake.ts";
import { functionNameOf } from "../../functions/steps.ts";
import { arnAt } from "../../protocol/index.ts";
import type { HandClock } from "./clock.ts";
import { FLEET } from "./fleet.ts";
import type { Functions } from "./functions.ts";

const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;
/** How long after each of its failures a rotation is tried again, as the embedded AWS does. */
const RETRY_DELAYS_MS = [1, 2, 4, 8, 16].map((minutes) => minutes * 60_000);

interface Parts {
  clock: HandClock;
  secrets: FakeSecrets;
  functions: () => Functions;
  /** Holds what comes of it up while AWS is away. */
  reachable: () => Promise<void>;
  /** Counts it as under way. */
  during: <T>(work: Promise<T>) => Promise<T>;
}

/** Secrets Manager's part of a rotation: it has the rotation function do its four steps, and tries again. */
export class SecretsManager {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { secrets } = parts;
    const ask = secrets.askForRotation;
    // Whoever asks it, a person or a step: a version that is pending newly is rotated.
    secrets.askForRotation = async (secret, token) => {
      const before = secrets.asked.length;
      const answer = await ask(secret, token);
      if (secrets.asked.length > before) void parts.during(this.#rotate(secret, token));
      return answer;
    };
  }

  async #rotate(secret: string, token: string): Promise<void> {
    const { clock, secrets, reachable } = this.#parts;
    for (const delayMs of [...RETRY_DELAYS_MS, undefined]) {
      await reachable();
      await this.#steps(secret, token);
      const { pending, current } = (await secrets.stages(secret)) ?? {};
      if (current === token || pending !== token || delayMs === undefined) return;
      await clock.sleep(delayMs);
    }
  }

  async #steps(secret: string, token: string): Promise<void> {
    const SecretId = `${arnAt({ ...FLEET, region: "us-east-1" }, "secretsmanager", `secret:${secret}`)}-AbCdEf`;
    for (const Step of STEPS) {
      const event = { Step, SecretId, ClientRequestToken: token };
      const done = await this.#parts.functions().invoke(functionNameOf({ flow: "credential", name: "rotate" }), event);
      if (!done.ok) return;
    }
  }
}
