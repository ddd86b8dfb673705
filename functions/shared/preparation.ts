import type { AuthoritySettings } from "../clients/authority.ts";

/** What `credential:prepare` makes in a database: an owner, users that take turns, and who may alter these. */
export interface Preparation extends Pick<AuthoritySettings, "credential" | "dbname" | "owner" | "users"> {
  /** Who alters the users' passwords. */
  manager: {
    user: string;
    /** His password's verifier, as `scramVerifier` makes it; without it his password stays as it is, or he has none. */
    verifier?: string;
    /** Whether he signs in by IAM, which Amazon RDS then takes of him in the place of every password. */
    byIam?: boolean;
  };
  /** One of the users, who is there already and has owned everything: the owner gets it. */
  former?: string;
}
