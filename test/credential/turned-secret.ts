import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { type ExecutionRecord, functionArn } from "embedded-aws";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { networkAuthorities } from "../../functions/clients/authorities.network.ts";
import { dynamoCredentials } from "../../functions/clients/credentials.dynamodb.ts";
import { managedSecrets } from "../../functions/clients/secrets.secretsmanager.ts";
import { tryName } from "../../functions/credential/tries.ts";
import { rdsToken } from "../../functions/postgres/rds-token.ts";
import type { CredentialSettings } from "../../functions/shared/credential-settings.ts";
import type { Limits } from "../../functions/shared/database-sessions.ts";
import { functionNameOf } from "../../functions/steps.ts";
import { NAMES } from "../../infra/wiring.ts";
import { flowArn } from "../../local/roles.ts";
import { type TestFleet, until } from "../flows/support.ts";
import { collectingJournal } from "../functions/support.ts";

const ROTATE = functionArn(functionNameOf({ flow: "credential", name: "rotate" }));

/** A credential's secret as whoever works with it sees it, on a fleet that turns it: by AWS's APIs. */
export class TurnedSecret<Settings extends CredentialSettings> {
  readonly settings: Settings;
  readonly secretsManager: SecretsManagerClient;
  readonly #fleet: TestFleet;
  readonly #dynamodb: DynamoDBClient;
  readonly #bus: EventBridgeClient;

  constructor(settings: Settings, fleet: TestFleet) {
    const { endpoint, region, credentials } = fleet.aws;
    this.settings = settings;
    this.#fleet = fleet;
    this.secretsManager = new SecretsManagerClient({ endpoint, region, credentials });
    this.#dynamodb = new DynamoDBClient({ endpoint, region, credentials });
    this.#bus = new EventBridgeClient({ endpoint, region, credentials });
  }

  protected async create(Name: string, SecretString: string): Promise<void> {
    await this.secretsManager.send(new CreateSecretCommand({ Name, SecretString }));
  }

  /** Switches rotation on, which turns it for the first time. @returns the new version's ID */
  protected async switchOn(): Promise<string> {
    const set = { RotationLambdaARN: ROTATE, RotationRules: { AutomaticallyAfterDays: 30 } };
    const asked = new RotateSecretCommand({ SecretId: this.settings.name, ...set });
    return (await this.secretsManager.send(asked)).VersionId ?? "";
  }

  async text(VersionId?: string): Promise<{ text: string; versionId: string }> {
    const asked = { SecretId: this.settings.name, ...(VersionId !== undefined && { VersionId }) };
    const answer = await this.secretsManager.send(new GetSecretValueCommand(asked));
    return { text: answer.SecretString ?? "", versionId: answer.VersionId ?? "" };
  }

  /** Asks for a rotation, as `aws secretsmanager rotate-secret` does, and gives the new version's ID. */
  async ask(): Promise<string> {
    const { VersionId = "" } = await this.secretsManager.send(
      new RotateSecretCommand({ SecretId: this.settings.name }),
    );
    return VersionId;
  }

  /** Asks for a rotation, and waits until the former one is retired to the end. */
  async turn(): Promise<string> {
    const versionId = await this.ask();
    await this.isTurned(versionId);
    return versionId;
  }

  /**
   * Asks for a rotation by an event, which makes room where AWSPENDING stands on a version that nothing turns.
   *
   * @returns the token of the rotation: the event's own ID
   */
  async askByEvent(more: { force?: boolean; heal?: boolean } = {}): Promise<string> {
    const Detail = JSON.stringify({ secret: this.settings.name, ...more });
    const entry = { EventBusName: NAMES.eventBus, Source: "test", DetailType: "Credential Rotation Requested", Detail };
    const { Entries = [] } = await this.#bus.send(new PutEventsCommand({ Entries: [entry] }));
    return Entries[0]?.EventId ?? "";
  }

  async isTurned(versionId: string): Promise<void> {
    const { status, output, cause } = await this.ended(versionId);
    const said = `${this.settings.name}: ${status} ${cause ?? output}`;
    if (status !== "SUCCEEDED" || !output?.includes("ROTATED")) throw new Error(said);
  }

  isCurrent(versionId: string): Promise<boolean> {
    return until(
      async () => (await this.text()).versionId === versionId,
      `the version ${versionId} of ${this.settings.name} to be current`,
    );
  }

  /** The execution of a version's first try, once it has ended. */
  ended(token: string): Promise<ExecutionRecord> {
    const name = tryName({ secret: this.settings.name, token }, 1);
    return until(() => {
      const found = this.#fleet.aws.executions.list(flowArn("credential"), 1000).find((one) => one.name === name);
      return found?.status === "RUNNING" ? undefined : found;
    }, `the end of the execution ${name}`);
  }

  /** Puts a value under AWSPENDING. @returns its version's ID */
  async putPending(SecretString: string): Promise<string> {
    const put = { SecretId: this.settings.name, SecretString, VersionStages: ["AWSPENDING"] };
    return (await this.secretsManager.send(new PutSecretValueCommand(put))).VersionId ?? "";
  }

  /** Takes AWSPENDING off by hand, as AWS advises where a rotation is stuck. */
  async takePendingOff(RemoveFromVersionId: string): Promise<void> {
    const off = { SecretId: this.settings.name, VersionStage: "AWSPENDING", RemoveFromVersionId };
    await this.secretsManager.send(new UpdateSecretVersionStageCommand(off));
  }

  /** For a step that a test calls itself: the real clients. */
  neighbours(limits?: Partial<Limits>) {
    return {
      secrets: managedSecrets(this.secretsManager),
      credentials: dynamoCredentials(this.#dynamodb, NAMES.instanceTable),
      audit: dynamoAudit(this.#dynamodb, NAMES.auditTable),
      authorities: networkAuthorities({
        secrets: this.secretsManager,
        token: rdsToken,
        random: randomBytes,
        wait: pause,
        now: Date.now,
        ...(limits && { limits }),
      }),
      credentialSettings: [this.settings],
      journal: collectingJournal(),
      now: Date.now,
    };
  }

  close(): void {
    this.secretsManager.destroy();
    this.#dynamodb.destroy();
    this.#bus.destroy();
  }
}
