import { Agent, get } from "node:http";
import { text } from "node:stream/consumers";

/** How often each page is asked for. */
const EVERY_MS = 1_000;

/** What an application's page comes to. */
export interface Said {
  /** Whether whoever it uses its credential with has served it. */
  isServed: boolean;
  /** Told when that changes, behind the application's name. */
  words: string;
}

export interface VisitorsOptions<Name extends string> {
  /** On which port of 127.0.0.1 each application listens. */
  ports: Record<Name, number>;
  /** Told one sentence when an application is served no more, and when it is. */
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
 * Whoever visits applications: asks for each page once a second, and notes how often the application was served. Without visitors
 * an application uses nothing, and nobody could say that it has moved.
 */
export abstract class PageVisitors<Name extends string, Page> {
  readonly #options: VisitorsOptions<Name>;
  readonly #names: readonly Name[];
  readonly #ask: (url: string) => Promise<string>;
  /** What each page came to last. */
  readonly #last = new Map<Name, boolean>();
  /** Those that were served once. */
  readonly #once = new Set<Name>();
  #timer: NodeJS.Timeout | undefined;
  #served = 0;
  #refused = 0;

  constructor(names: readonly Name[], options: VisitorsOptions<Name>) {
    this.#names = names;
    this.#options = options;
    this.#ask = options.ask ?? askPage;
  }

  /** @param isNew whether it was never served yet: it waits for the secret's first turn */
  protected abstract read(page: Page, isNew: boolean): Said;

  start(): void {
    this.#timer = setInterval(() => void this.visit(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** How often an application was served, and how often it was not after it once was. */
  get counts(): { connected: number; refused: number } {
    return { connected: this.#served, refused: this.#refused };
  }

  /** Asks for each page once. */
  async visit(): Promise<void> {
    await Promise.all(this.#names.map((name) => this.#visit(name)));
  }

  async #visit(name: Name): Promise<void> {
    const page = await this.pageOf(name);
    // Its instance is off, or it has only just been started.
    if (page === undefined) return;
    const { isServed, words } = this.read(page, !this.#once.has(name));
    const before = this.#last.get(name);
    this.#last.set(name, isServed);
    if (isServed) this.#served += 1;
    else if (this.#once.has(name)) this.#refused += 1;
    if (isServed) this.#once.add(name);
    if (isServed !== before) this.#options.tell(`${name}  ${words}`);
  }

  /** What an application says now; undefined where it is not there. It is no visit. */
  async pageOf(name: Name): Promise<Page | undefined> {
    try {
      return JSON.parse(await this.#ask(`http://127.0.0.1:${this.#options.ports[name]}/`)) as Page;
    } catch {
      return undefined;
    }
  }
}
