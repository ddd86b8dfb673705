import type pg from "pg";
import type { Login } from "../../functions/clients/authority.ts";
import { alterBehindOurBack, sessionAs } from "../orders/behind-our-back.ts";
import { startDatabase } from "../orders/database.ts";
import { ORDERS_SECRET, POOL } from "../orders/orders.ts";
import { OrdersSecrets } from "../orders/secrets.ts";
import type { Orders } from "../orders/start-orders.ts";
import { type Page, Visitors } from "../orders/visitors.ts";
import type { PostgresServer } from "../postgres/server.ts";
import type { DemoAccount } from "./account.ts";
import { CREDENTIAL, type Ending, type Rotations } from "./rotations.ts";
import { until } from "./until.ts";

/** The database of the story, which is stopped and started again. */
export interface SharedDatabase {
  orders: Orders;
  folder: string;
  server: PostgresServer;
}

/** How the names of its executions begin. */
const OWN = ORDERS_SECRET.replace("/", "-");

/** The credential that two applications share, its database, and whoever visits the applications, as the story moves them. */
export class SharedCredential {
  readonly visitors: Visitors;
  readonly #database: SharedDatabase;
  readonly #secrets: OrdersSecrets;
  readonly #rotations: Rotations;
  readonly #signal: AbortSignal;

  constructor(
    database: SharedDatabase,
    { endpoint, region, credentials }: Pick<DemoAccount, "endpoint" | "region" | "credentials">,
    rotations: Rotations,
    { signal, note }: { signal: AbortSignal; note: (sentence: string) => void },
  ) {
    this.#database = database;
    this.#secrets = new OrdersSecrets({ endpoint, region, credentials });
    this.#rotations = rotations;
    this.#signal = signal;
    this.visitors = new Visitors({ ports: database.orders.ports, tell: note });
  }

  /** Asks Secrets Manager for a rotation, once none is under way. @returns the new version's ID */
  rotate(): Promise<string> {
    return until(() => this.#secrets.rotate(), `the rotation of ${ORDERS_SECRET} to begin`, this.#signal);
  }

  /** Every how many days its schedule has it turned; undefined where its rotation is off. */
  everyDays(): Promise<number | undefined> {
    return this.#secrets.everyDays();
  }

  current(): Promise<Login & { versionId: string }> {
    return this.#secrets.current();
  }

  /** Waits until a version is the current one. */
  async promoted(versionId: string): Promise<void> {
    const isCurrent = async () => (await this.current()).versionId === versionId;
    await until(isCurrent, `the version ${versionId} of ${ORDERS_SECRET} to be current`, this.#signal);
  }

  /** How many executions of its flow there were. */
  async executions(): Promise<number> {
    return (await this.#rotations.list(CREDENTIAL)).length;
  }

  /** Waits until the one after so many executions has ended. */
  async lastAfter(count: number): Promise<Ending> {
    const execution = await until(
      async () => (await this.#rotations.list(CREDENTIAL)).at(-1 - count),
      "an execution that nobody has seen yet",
      this.#signal,
    );
    return this.#rotations.ended(execution.executionArn ?? "");
  }

  /** Waits until the first execution for a version has ended; of any version, if none is named. */
  ended(versionId: string = OWN): Promise<Ending> {
    return this.#rotations.firstEnded(versionId);
  }

  /** Whether the database lets somebody in. */
  async answerTo(login: Login): Promise<"accepted" | "refused"> {
    const session = this.#session(login, "the story");
    try {
      await session.connect();
      return "accepted";
    } catch (error) {
      if (/^28/.test((error as { code?: string }).code ?? "")) return "refused";
      throw error;
    } finally {
      await session.end().catch(() => undefined);
    }
  }

  /** Opens a session as the application that keeps some, with the login that is current, and keeps it open. */
  async hold(): Promise<{ end(): Promise<void> }> {
    const session = this.#session(await this.current(), POOL);
    await session.connect();
    return session;
  }

  /** Somebody who may do everything gives a user another password, and tells nobody. */
  async alterBehindOurBack(user: string, password: string): Promise<void> {
    await alterBehindOurBack(this.#database.orders, user, password);
  }

  /** Waits until an application says this of its database. */
  async saidBy(name: "web" | "pool", status: Page["db_status"]): Promise<Page> {
    return until(
      async () => {
        const page = await this.visitors.pageOf(name);
        return page?.db_status === status && page;
      },
      `${name} to be ${status}`,
      this.#signal,
    );
  }

  async stopDatabase(): Promise<void> {
    await this.#database.server.stop();
  }

  async startDatabase(): Promise<void> {
    const { folder, orders } = this.#database;
    const server = await startDatabase(folder, { port: orders.ports.database, outlasts: false });
    if ("missing" in server) throw new Error(server.missing);
    this.#database.server = server;
  }

  close(): void {
    this.visitors.stop();
    this.#secrets.close();
  }

  #session(login: Login, application: string): pg.Client {
    return sessionAs(this.#database.orders, login, application);
  }
}
