import { createHash } from "node:crypto";
import type { Acting, Authority, AuthoritySettings, Login } from "../../functions/clients/authority.ts";
import { NoSession } from "../../functions/shared/database-sessions.ts";
import { StepError } from "../../functions/shared/errors.ts";
import type { Preparation } from "../../functions/shared/preparation.ts";
import { Refused } from "../deploy/report.ts";
import { type Addressed, type OwnersWay, VARIABLE } from "./owners-way.ts";

/** A kind of database, as far as it is prepared. */
export interface PreparedEngine extends Addressed {
  /** What makes a session as if it had just begun, as poolers do between two who share one. */
  resetBy: string;
  /** Why a login may not act as the owner, and what to do. */
  whyNotOwner(release: string): string;

  /** @throws TypeError as `preparationSql` does */
  text(preparation: Preparation): string;

  /** What the database keeps of a password. */
  verifier(password: string, random: (bytes: number) => Buffer): string;

  /**
   * Whether this login is let in.
   *
   * @throws Refused when that cannot be told
   */
  accepts(way: OwnersWay, login: Login): Promise<boolean>;

  /**
   * Runs the SQL as whoever the way is for.
   *
   * @throws Refused in words for the user, also when the database says no
   */
  run(way: OwnersWay, preparation: Preparation): Promise<void>;

  /**
   * As whom one acts who logs in as the users do: a login that is made for it and gone afterwards.
   *
   * @throws Refused in words for the user
   */
  tryActing(
    way: OwnersWay,
    of: { credential: string; owner: string; random: (bytes: number) => Buffer; now: () => number },
  ): Promise<Acting>;
}

/** The login that is made to try as whom one acts. */
export function triedUser(credential: string): string {
  return `keyturn_try_${createHash("sha256").update(credential).digest("hex").slice(0, 12)}`;
}

/**
 * What the user is told of what a database says; whatever is a mistake of this program's own stays as it is.
 *
 * @param options.notPrivileged the numbers of who may not do what he asks for
 */
export function told(
  error: unknown,
  { host }: OwnersWay,
  { notPrivileged, who }: { notPrivileged: RegExp; who: string },
): unknown {
  if (error instanceof NoSession) {
    if (error.isRefusal) return new Refused(`${host} refuses the login of ${VARIABLE}: ${error.message}`);
    return new Refused(`${host} cannot be reached: ${error.message}. Is there a way to it from this computer?`);
  }
  if (!(error instanceof StepError)) return error;
  const sentence = `${error.message.replace(/\.?( \(\w+\))$/, "$1")}.`;
  return new Refused(notPrivileged.test(error.message) ? `${sentence} ${VARIABLE} must be of ${who}.` : sentence);
}

/** The database of a way, as an authority's sessions want it; there is no manager in it, and no user. */
export function settingsOf({ host, port, dbname, tls }: OwnersWay): AuthoritySettings {
  return { credential: "", owner: "", users: [], hosts: [host], port, dbname, ...(tls && { tls }) };
}

/**
 * Whether a login is let in.
 *
 * @param session is made with it
 * @param inSentence what the user is told where that cannot be told
 */
export async function isLetIn(session: Promise<unknown>, inSentence: (error: unknown) => unknown): Promise<boolean> {
  try {
    await session;
    return true;
  } catch (error) {
    if (error instanceof NoSession && error.isRefusal) return false;
    throw inSentence(error);
  }
}

/**
 * As whom a login acts that was made to be tried.
 *
 * @param authorityOf makes the authority; its manager is nobody, since nothing is altered
 */
export async function actingOf(
  login: Login,
  owner: string,
  way: OwnersWay,
  authorityOf: (settings: AuthoritySettings, manager: () => Promise<never>) => Pick<Authority, "actsAs">,
): Promise<Acting> {
  const nobody = () => Promise.reject(new Error("nobody"));
  const [acting] = await authorityOf({ ...settingsOf(way), owner, users: [login.user] }, nobody).actsAs(login);
  if (acting === undefined) throw new Error("an authority without a server");
  return acting;
}
