import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type Login, OWN_NAME } from "../../functions/clients/authority.ts";
import { drawPassword } from "../../functions/credential/draw-password.ts";
import { writeValue } from "../../functions/credential/secret-value.ts";
import { type DatabaseCredential, otherUser } from "../../functions/shared/credential-settings.ts";
import { prepareDatabase } from "../../local/orders/database.ts";
import type { PostgresServer } from "../../local/postgres/server.ts";
import { startTestFleet, type TestFleet } from "../flows/support.ts";
import { credentialOf } from "../functions/clients/credential-of.ts";
import { serverFolder, startServer, withSession } from "../functions/postgres/under-test.ts";
import { TurnedSecret } from "./turned-secret.ts";

/** A login and the version of the secret that holds it. */
export type Version = Login & { versionId: string };

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

/** A database's credential as whoever works with it sees it: by Secrets Manager's API, and by logging in. */
export class TurnedCredential extends TurnedSecret<DatabaseCredential> {
  /** As a stack does it: secrets, the database's preparation, and rotation switched on, which turns it for the first time. */
  async deploy(server: PostgresServer): Promise<void> {
    const { name, users, dbname, manager: by } = this.settings;
    const manager = { user: `${dbname}_manager`, password: drawPassword(randomBytes) };
    const login = JSON.stringify({ username: manager.user, password: manager.password });
    if ("secret" in by) await this.create(by.secret, login);
    await this.create(name, this.textOf({ user: users[0], password: drawPassword(randomBytes) }));
    await prepareDatabase(this.settings, server.superuser, manager, randomBytes);
    await this.isTurned(await this.switchOn());
  }

  /** A value of the secret. */
  textOf(login: Login): string {
    return writeValue(login, this.settings, undefined);
  }

  /** A version's login; the current one's where none is named. */
  async version(versionId?: string): Promise<Version> {
    const read = await this.text(versionId);
    const { username: user, password } = JSON.parse(read.text);
    return { user, password, versionId: read.versionId };
  }

  /**
   * Has a version pending for the user that is to be turned, with a password that was drawn for it: as an execution leaves
   * it that dies after its first write.
   */
  async leavePending(value?: string): Promise<Version> {
    const current = await this.version();
    const login = { user: otherUser(this.settings, current.user), password: drawPassword(randomBytes) };
    const versionId = await this.putPending(value ?? this.textOf(login));
    return { ...login, versionId };
  }

  /** What the database says of a login: `accepted`, or the SQLSTATE of its refusal. The session says it is Keyturn's own. */
  async answerTo({ user, password }: Login): Promise<string> {
    const { port, dbname: database } = this.settings;
    const login = { port, database, user, password, application: OWN_NAME };
    return withSession(login, async () => "accepted").catch(({ code, message }) => code ?? message);
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
