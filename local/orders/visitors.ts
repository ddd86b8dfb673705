import { Agent, get } from "node:http";
import { text } from "node:stream/consumers";
import type { Status } from "../../consumer/example/status.ts";
import type { OrdersPorts } from "./ports.ts";

/** How often each page is asked for. */
const EVERY_MS = 1_000;

/** What an application says of its database, as the example of consumer/ does. */
export type Page = Pick<Status, "db_status" | "error" | "user" | "version">;

export interface VisitorsOptions {
  ports: Pick<OrdersPorts, "web" | "pool">;
  /** Told one sentence when an application loses its database, and when it has it. */
  tell: (sentence: string) => void;
  /** Asks for a page, for tests. */
  ask?: (url: string) => Promise<string>;
}

/** By a way of our own to this machine: no proxy that the user has set for the rest of the world is asked. */
const WAY = new Agent();

function askPage(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: WAY }, (answer) => text(answer).then(resolve, reject)).once("error", reject);
  });
}

/**
 * Whoever visits the two applications: asks for each page once a second, and notes how often the database let an application
 * in. Without visitors an application uses nothing, and nobody could say that it has moved.
 */
export class Visitors {
  readonly #options: VisitorsOptions;
  readonly #ask: (url: string) => Promise<string>;
  /** What each said last. */
  readonly #last = new Map<string, Page["db_status"]>();
  /** Those that once had their database. */
  readonly #once = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #connected = 0;
  #refused = 0;

  constructor(options: VisitorsOptions) {
    this.#options = options;
    this.#ask = options.ask ?? askPage;
  }

  start(): void {
    this.#timer = setInterval(() => void this.visit(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** How often an application had its database, and how often it had not after it once had it. */
  get counts(): { connected: number; refused: number } {
    return { connected: this.#connected, refused: this.#refused };
  }

  /** Asks for each page once. */
  async visit(): Promise<void> {
    await Promise.all((["web", "pool"] as const).map((name) => this.#visit(name)));
  }

  async #visit(name: "web" | "pool"): Promise<void> {
    const status = await this.pageOf(name);
    // Its instance is off, or it has only just been started.
    if (status === undefined) return;
    const before = this.#last.get(name);
    this.#last.set(name, status.db_status);
    if (status.db_status === "CONNECTED") this.#connected += 1;
    else if (this.#once.has(name)) this.#refused += 1;
    if (status.db_status === "CONNECTED") this.#once.add(name);
    if (status.db_status === before) return;
    if (status.db_status !== "CONNECTED" && !this.#once.has(name)) {
      this.#options.tell(`${name}  waits to be let in: the secret's first turn sets its user. (${status.error})`);
      return;
    }
    this.#options.tell(
      status.db_status === "CONNECTED" ? `${name}  CONNECTED.` : `${name}  DISCONNECTED: ${status.error}`,
    );
  }

  /** What an application says now; undefined where it is not there. It is no visit. */
  async pageOf(name: "web" | "pool"): Promise<Page | undefined> {
    try {
      return JSON.parse(await this.#ask(`http://127.0.0.1:${this.#options.ports[name]}/`)) as Page;
    } catch {
      return undefined;
    }
  }
}
