import type { Acting, Login } from "../../functions/clients/authority.ts";
import type { Preparation } from "../../functions/postgres/preparation.ts";
import type { Addressed, OwnersWay } from "./owners-way.ts";

/** A kind of database, as far as it is prepared. */
export interface PreparedEngine extends Addressed {
  /** @throws TypeError as `preparationSql` does */
  sql(preparation: Preparation): string;

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
  run(way: OwnersWay, sql: string): Promise<void>;

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
