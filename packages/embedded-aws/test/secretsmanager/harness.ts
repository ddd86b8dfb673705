import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { onTestFinished } from "vitest";
import type { Faults } from "../../src/http/faults.ts";
import { Rights } from "../../src/iam/rights.ts";
import { functionArn } from "../../src/index.ts";
import type { FunctionInvoker, Invocation } from "../../src/parts.ts";
import { SecretsManager } from "../../src/secretsmanager/secretsmanager.ts";
import { HandClock } from "../events/harness.ts";
import { startEmbedded } from "../http/embedded.ts";

export const ROTATOR = functionArn("rotator");
export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

export interface StepEvent {
  Step: string;
  SecretId: string;
  ClientRequestToken: string;
  RotationToken: string;
}

/** A rotation function that does what AWS's own template does, and fails or waits as it is told. */
export class Rotator implements FunctionInvoker {
  readonly events: StepEvent[] = [];
  /** Steps that fail, until they are taken out. */
  readonly failing = new Set<string>();
  /** Done before a step, for what somebody else does meanwhile. */
  before: (event: StepEvent) => unknown = () => undefined;
  client: SecretsManagerClient | undefined;

  async invoke(_name: string, payload: unknown): Promise<Invocation> {
    const event = payload as StepEvent;
    this.events.push(event);
    await this.before(event);
    if (this.failing.has(event.Step)) return { ok: false, errorType: "Refused", errorMessage: "hunter2" };
    try {
      await this.#do(event);
      return { ok: true, payload: null };
    } catch (error) {
      return { ok: false, errorType: (error as Error).name, errorMessage: (error as Error).message };
    }
  }

  steps(): string[] {
    return this.events.map(({ Step }) => Step);
  }

  async #do({ Step, SecretId, ClientRequestToken }: StepEvent): Promise<void> {
    const { client } = this;
    if (Step === "createSecret") {
      const pending = { SecretId, VersionId: ClientRequestToken, VersionStage: "AWSPENDING" };
      const there = await client?.send(new GetSecretValueCommand(pending)).catch((error: Error) => {
        if (error.name !== "ResourceNotFoundException") throw error;
      });
      if (there !== undefined) return;
      const value = { SecretString: `value of ${ClientRequestToken}`, VersionStages: ["AWSPENDING"] };
      await client?.send(new PutSecretValueCommand({ SecretId, ClientRequestToken, ...value }));
    }
    if (Step === "finishSecret") {
      const { VersionIdsToStages = {} } = (await client?.send(new DescribeSecretCommand({ SecretId }))) ?? {};
      const current = Object.keys(VersionIdsToStages).find((id) => VersionIdsToStages[id]?.includes("AWSCURRENT"));
      if (current === ClientRequestToken) return;
      const move = { VersionStage: "AWSCURRENT", MoveToVersionId: ClientRequestToken, RemoveFromVersionId: current };
      await client?.send(new UpdateSecretVersionStageCommand({ SecretId, ...move }));
    }
  }
}

/** Secrets Manager of its own on a clock that stands until it is moved; over the same folder it goes on where it was. */
export async function startSecrets(options: { folder?: string; faults?: Faults; clock?: HandClock } = {}) {
  const { clock = new HandClock(), ...others } = options;
  const rotator = new Rotator();
  let secrets: SecretsManager | undefined;
  const embedded = await startEmbedded(
    (parts) => {
      const rights = new Rights();
      secrets = new SecretsManager(parts, { functions: rotator, rights, retryDelaysMs: [60_000, 120_000] });
      return [secrets.service];
    },
    { ...others, clock },
  );
  const client = new SecretsManagerClient({ ...embedded.config, maxAttempts: 1 });
  // Calls are signed by the clock that stands.
  const systemClockOffset = { get: () => clock.now() - Date.now(), set: () => undefined };
  Object.defineProperty(client.config, "systemClockOffset", systemClockOffset);
  rotator.client = client;
  secrets?.start();
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    secrets?.close();
    client.destroy();
    await embedded.close();
  };
  onTestFinished(close);

  return {
    client,
    clock,
    rotator,
    log: embedded.log,
    close,

    /** Makes a secret with a value: the ID of its version. */
    async create(Name: string, SecretString = "first"): Promise<string> {
      return (await client.send(new CreateSecretCommand({ Name, SecretString }))).VersionId ?? "";
    },

    /** The labels of a secret, by the IDs of its versions. */
    async stages(SecretId: string): Promise<Record<string, string[]>> {
      return (await client.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages ?? {};
    },

    async value(SecretId: string, VersionStage?: string): Promise<string | undefined> {
      const asked = { SecretId, ...(VersionStage !== undefined && { VersionStage }) };
      return (await client.send(new GetSecretValueCommand(asked))).SecretString;
    },

    describe: (SecretId: string) => client.send(new DescribeSecretCommand({ SecretId })),

    /** Lets what is due now run, until `holds`. */
    async until(holds: () => boolean | Promise<boolean>): Promise<void> {
      for (let tries = 0; tries < 2000; tries += 1) {
        await clock.move(0);
        if (await holds()) return;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error("what was waited for has not come about");
    },
  };
}
