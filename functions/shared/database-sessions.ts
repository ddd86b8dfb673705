import { AUTHORITY_ERRORS } from "../clients/authority.ts";
import { StepError } from "./errors.ts";

/** How long what is asked of a database may take, in milliseconds. */
export interface Limits {
  connectMs: number;
  /** For a lock, the credential's own or one that the database takes. */
  lockMs: number;
  statementMs: number;
  /** For what happens between two statements under a lock. Then the database ends it, so a dead caller holds no lock. */
  idleMs: number;
}

export const LIMITS: Limits = { connectMs: 10_000, lockMs: 10_000, statementMs: 15_000, idleMs: 30_000 };

/** What a server said that kept a session from coming about. */
export class NoSession extends Error {
  readonly host: string;
  readonly isRefusal: boolean;

  constructor(host: string, isRefusal: boolean, words: string) {
    super(words);
    this.host = host;
    this.isRefusal = isRefusal;
  }
}

/** How long a session may take to say goodbye. */
const GOODBYE_MS = 1_000;

/** Ends a session in order, and cuts it if that does not come about. */
export async function goodbye(session: { end(): Promise<unknown>; cut(): unknown }): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, GOODBYE_MS);
  });
  await Promise.race([session.end().catch(() => undefined), late]);
  clearTimeout(timer);
  session.cut();
}

/** Makes of a session that did not come about what a step throws. */
export function failedAs(refused: string, who: string) {
  return (error: unknown): never => {
    if (!(error instanceof NoSession)) throw error;
    const name = error.isRefusal ? refused : AUTHORITY_ERRORS.unreachable;
    const does = error.isRefusal ? `refuses ${who}` : "cannot be reached";
    throw new StepError(name, `${error.host} ${does}: ${error.message}`);
  };
}

/**
 * Why a connection did not come about, in words of our own where a certificate is wrong.
 *
 * @param words what the error says, printable
 * @param name what the server's certificate must name
 */
export function inOwnWords(words: string, code: string | undefined, name: string): string {
  switch (code) {
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return `nobody who is trusted vouches for the server's certificate (${code})`;
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID":
      return `the server's certificate is not valid at this time (${code})`;
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `the server's certificate is another's: it does not name ${name}`;
    case undefined:
      return words;
    default:
      return words.includes(code) ? words : `${words} (${code})`;
  }
}
