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
import { type Login, OWN_NAME } from "../../functions/clients/authority.ts";
import { dynamoCredentials } from "../../functions/clients/credentials.dynamodb.ts";
import { managedSecrets } from "../../functions/clients/secrets.secretsmanager.ts";
import { drawPassword } from "../../functions/credential/draw-password.ts";
import { writeValue } from "../../functions/credential/secret-value.ts";
import { tryName } from "../../functions/credential/tries.ts";
import { rdsToken } from "../../functions/postgres/rds-token.ts";
import { type DatabaseCredential, otherUser } from "../../functions/shared/credential-settings.ts";
import type { Limits } from "../../functions/shared/database-sessions.ts";
import { functionNameOf } from "../../functions/steps.ts";
import { NAMES } from "../../infra/wiring.ts";
import { prepareDatabase } from "../../local/orders/database.ts";
import type { PostgresServer } from "../../local/postgres/server.ts";
import { flowArn } from "../../local/roles.ts";
import { startTestFleet, type TestFleet, until } from "../flows/support.ts";
import { credentialOf } from "../functions/clients/credential-of.ts";
import { serverFolder, startServer, withSession } from "../functions/postgres/under-test.ts";
import { collectingJournal } from "../functions/support.ts";

/** A login and the version of the secret that holds it. */
export type Version = Login & { versionId: string };

const ROTATE = functionArn(functionNameOf({ flow: "credential", name: "rotate" }));

/** Short, so that a rotation takes seconds. */
const TIMES = { quietSeconds: 1, deadlineSeconds: 60 };

/** Settings of a credential that has a database of its own, by a word of letters and digits. */
export function settingsFor(word: string, change: Partial<DatabaseCredential> = {}): DatabaseCredential {
  return credentialOf({
    ...{ name: `${word}/db`, dbname: word, owner: word, users: [`${word}_a`, `${word}_b`] },
    ...{ manager: { secret: `${word}/manager` }, ...TIMES, ...change },
  });
}

/** Keyturn on the embedded AWS and one PostgreSQL, with a database for each credential, each turned once. */
export interface Lab {
  fleet: TestFleet;
  server: PostgresServer;
  of(word: string): TurnedCredential;
  close(): Promise<void>;
}

export async function startLab(credentials: readonly DatabaseCredential[]): Promise<Lab> {
  const place = serverFolder();
  const server = await startServer({ folder: place.folder, settings: { max_connections: "300" } });
  const settings = credentials.map((one) => ({ ...one, port: server.port }));
  const fleet = await startTestFleet(0, { settings: { credentials: settings } });
  const all = settings.map((one) => new TurnedCredential(one, fleet));
  const lab: Lab = {
    fleet,
    server,
    of(word) {
      const found = all.find(({ settings: { dbname } }) => dbname === word);
      if (found === undefined) throw new Error(`the lab has no credential ${word}`);
      return found;
    },
    async close() {
      for (const one of all) one.close();
      await fleet.close();
      await server.remove();
      place.remove();
    },
  };
  try {
    await Promise.all(all.map((one) => one.deploy(server)));
  } catch (error) {
    await lab.close();
    throw error;
  }
  return lab;
}

/** A credential as whoever works with it sees it: by Secrets Manager's API, and by logging in. */
export class TurnedCredential {
  readonly settings: DatabaseCredential;
  readonly secretsManager: SecretsManagerClient;
  readonly #fleet: TestFleet;
  readonly #dynamodb: DynamoDBClient;
  readonly #bus: EventBridgeClient;

  constructor(settings: DatabaseCredential, fleet: TestFleet) {
    const { endpoint, region, credentials } = fleet.aws;
    this.settings = settings;
    this.#fleet = fleet;
    this.secretsManager = new SecretsManagerClient({ endpoint, region, credentials });
    this.#dynamodb = new DynamoDBClient({ endpoint, region, credentials });
    this.#bus = new EventBridgeClient({ endpoint, region, credentials });
  }

  /** As a stack does it: secrets, the database's preparation, and rotation switched on, which turns it for the first time. */
  async deploy(server: PostgresServer): Promise<void> {
    const { name, users, dbname, manager: by } = this.settings;
    const manager = { user: `${dbname}_manager`, password: drawPassword(randomBytes) };
    const login = JSON.stringify({ username: manager.user, password: manager.password });
    if ("secret" in by) await this.#create(by.secret, login);
    await this.#create(name, this.valueOf({ user: users[0], password: drawPassword(randomBytes) }));
    await prepareDatabase(this.settings, server.superuser, manager, randomBytes);
    const set = { SecretId: name, RotationLambdaARN: ROTATE, RotationRules: { AutomaticallyAfterDays: 30 } };
    const { VersionId = "" } = await this.secretsManager.send(new RotateSecretCommand(set));
    await this.isTurned(VersionId);
  }

  async #create(Name: string, SecretString: string): Promise<void> {
    await this.secretsManager.send(new CreateSecretCommand({ Name, SecretString }));
  }

  /** A value of the secret. */
  valueOf(login: Login): string {
    return writeValue(login, this.settings, undefined);
  }

  async text(VersionId?: string): Promise<{ text: string; versionId: string }> {
    const asked = { SecretId: this.settings.name, ...(VersionId !== undefined && { VersionId }) };
    const answer = await this.secretsManager.send(new GetSecretValueCommand(asked));
    return { text: answer.SecretString ?? "", versionId: answer.VersionId ?? "" };
  }

  /** A version's login; the current one's where none is named. */
  async version(versionId?: string): Promise<Version> {
    const read = await this.text(versionId);
    const { username: user, password } = JSON.parse(read.text);
    return { user, password, versionId: read.versionId };
  }

  /** Asks for a rotation, as `aws secretsmanager rotate-secret` does, and gives the new version's ID. */
  async ask(): Promise<string> {
    const { VersionId = "" } = await this.secretsManager.send(
      new RotateSecretCommand({ SecretId: this.settings.name }),
    );
    return VersionId;
  }

  /** Asks for a rotation, and waits until the former user has no password any more. */
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
      async () => (await this.version()).versionId === versionId,
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

  /**
   * Has a version pending for the user that is to be turned, with a password that was drawn for it: as an execution leaves
   * it that dies after its first write.
   */
  async leavePending(value?: string): Promise<Version> {
    const current = await this.version();
    const login = { user: otherUser(this.settings, current.user), password: drawPassword(randomBytes) };
    const put = { SecretId: this.settings.name, SecretString: value ?? this.valueOf(login) };
    const asked = new PutSecretValueCommand({ ...put, VersionStages: ["AWSPENDING"] });
    const { VersionId: versionId = "" } = await this.secretsManager.send(asked);
    return { ...login, versionId };
  }

  /** Takes AWSPENDING off by hand, as AWS advises where a rotation is stuck. */
  async takePendingOff(RemoveFromVersionId: string): Promise<void> {
    const off = { SecretId: this.settings.name, VersionStage: "AWSPENDING", RemoveFromVersionId };
    await this.secretsManager.send(new UpdateSecretVersionStageCommand(off));
  }

  /** What the database says of a login: `accepted`, or the SQLSTATE of its refusal. The session says it is Keyturn's own. */
  async answerTo({ user, password }: Login): Promise<string> {
    const { port, dbname: database } = this.settings;
    const login = { port, database, user, password, application: OWN_NAME };
    return withSession(login, async () => "accepted").catch(({ code, message }) => code ?? message);
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

/** Whoever reads the current login again and again, and logs in with it. */
export class Looks {
  /** What the database answered, other than that it accepts: with which version. */
  readonly refused: string[] = [];
  count = 0;
  readonly #credential: TurnedCredential;
  #isOver = false;
  readonly #looking: Promise<void>;

  constructor(credential: TurnedCredential) {
    this.#credential = credential;
    // A look that comes to nothing is as bad as one that is refused.
    this.#looking = this.#look().catch((error: Error) => void this.refused.push(error.message));
  }

  async #look(): Promise<void> {
    while (!this.#isOver) {
      const current = await this.#credential.version();
      const answer = await this.#credential.answerTo(current);
      this.count += 1;
      if (answer !== "accepted") this.refused.push(`${answer} to ${current.user} of ${current.versionId}`);
      await pause(150);
    }
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#looking;
  }
}
