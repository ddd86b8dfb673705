/** What can be asked of an issuer. */
export const ENDPOINTS = ["token", "revoke", "introspect", "resource"] as const;

export type Endpoint = (typeof ENDPOINTS)[number];

/** An answer in the place of the issuer's own. */
export interface RawAnswer {
  status: number;
  headers?: Record<string, string>;
  body: string;
}

/** How an issuer behaves, otherwise than it ought to. As it is made, it does nothing of this. */
export interface Behaviour {
  /** How long it takes over each answer, in milliseconds. */
  slowMs: number;
  /** Whose keys it refuses, by the client's ID. */
  refusedClients: Set<string>;
  /** What it says in Retry-After to whoever asks for a token or a revocation, with 429: seconds or a date. */
  putsOff: string | undefined;
  /** Whether it answers 200 to a revocation and revokes nothing. */
  revokesNothing: boolean;
  /** Fields that it says of a token in the place of its own, which it issues all the same; undefined leaves one out. */
  says: Record<string, unknown>;
  /** What it says in the place of a token, of which it then issues none. */
  unfit: RawAnswer | undefined;
}

export function asItOughtTo(): Behaviour {
  return {
    slowMs: 0,
    refusedClients: new Set(),
    putsOff: undefined,
    revokesNothing: false,
    says: {},
    unfit: undefined,
  };
}

/** A request that is held up. */
export interface Held {
  /** Resolves when the request is there. */
  readonly arrived: Promise<void>;
  /** Lets it go, or the next one pass. */
  letGo(): void;
}

/** When a request is held up: with nothing done of it, or with everything but the answer. */
export type Moment = "before" | "after";

/** Holds requests up, each one hold the next that comes by. */
export class Holds {
  readonly #waiting: { endpoint: Endpoint; moment: Moment; pass: () => Promise<void> }[] = [];

  hold(endpoint: Endpoint, moment: Moment): Held {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    const { promise: released, resolve: letGo } = Promise.withResolvers<void>();
    const pass = () => {
      arrive();
      return released;
    };
    const one = { endpoint, moment, pass };
    this.#waiting.push(one);
    return {
      arrived,
      letGo: () => {
        const at = this.#waiting.indexOf(one);
        if (at >= 0) this.#waiting.splice(at, 1);
        letGo();
      },
    };
  }

  async pass(endpoint: Endpoint, moment: Moment): Promise<void> {
    const at = this.#waiting.findIndex((one) => one.endpoint === endpoint && one.moment === moment);
    if (at >= 0) await this.#waiting.splice(at, 1)[0]?.pass();
  }
}
