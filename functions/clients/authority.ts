/** A name and a password, as the secret has them. */
export interface Login {
  user: string;
  password: string;
}

/** The login of who may alter the users. */
export interface ManagerLogin extends Login {
  /**
   * The password is a token by which Amazon RDS lets in who is allowed to by IAM. Its servers ask for it in the clear, so it is
   * said to a server that has proved its name, and to no other. Of passwords this never holds.
   */
  isToken?: true;
}

/** What one server of an authority says of a login. */
export type Answer =
  | { host: string; says: "ACCEPTED" }
  /** It knows no such user, or not with this password, or does not let him in. */
  | { host: string; says: "REFUSED"; words: string }
  /** It said nothing of the login: it is away, starting, full, or nobody one should talk to. */
  | { host: string; says: "UNREACHABLE"; words: string };

/** As whom a login acts on one server: at first, and after `DISCARD ALL`, which poolers send between two who share a session. */
export interface Acting {
  host: string;
  /** Whether it is the owner both times. */
  asOwner: boolean;
  fresh: string;
  afterDiscard: string;
  /** The server's release, e.g. `18.4`: some forget the owner. */
  release: string;
}

/** Who is seen with a user, on one server. */
export interface Use {
  host: string;
  user: string;
  /** What the session calls itself; empty if it does not say. Sessions of Keyturn's own are called `OWN_NAME`. */
  application: string;
  /** From where; undefined if not over a network. */
  address: string | undefined;
  /** Since when, in milliseconds since 1970. */
  since: number;
}

/** How a user is shut: he may not log in, which one command undoes; or he has no password any more either. */
export type Stroke = "LOGIN" | "PASSWORD";

export { OWN_NAME } from "../shared/credential-settings.ts";

/**
 * Who honours a login: a database. Where it is, whose credential it is and who the manager is was set beforehand; a
 * login names one of the credential's users, or nothing is done.
 *
 * What is changed is changed under the credential's lock, which one call has at a time, and whole or not at all. Under the
 * lock `mayGoOn` is asked; if it says no, or fails, nothing is changed. So a call that was held up for long does no harm,
 * whatever happened since. Where it throws `AuthorityUnreachable`, the change may have been made all the same: it is for the
 * caller to call again.
 *
 * Throws a StepError of one of `AUTHORITY_ERRORS` where an answer could not be had, and TypeError for a user that is none of
 * the credential's.
 */
export interface Authority {
  /**
   * What each server says of a login, in the order of the settings. That one cannot be reached is an answer; it throws
   * `AuthorityUnwilling` where no server is to be asked.
   */
  accepts(login: Login): Promise<Answer[]>;

  /** As whom a login acts, on each server. Throws `LoginRefused` where it is not let in. */
  actsAs(login: Login): Promise<Acting[]>;

  /** Who uses these users now, on any of the servers. All of them are asked, or it throws. */
  usesOf(users: readonly string[]): Promise<Use[]>;

  /**
   * Sees to it that a user may log in, with this password alone.
   *
   * @returns whether it was done: false if `mayGoOn` said no
   */
  honour(login: Login, mayGoOn: () => Promise<boolean>): Promise<boolean>;

  /**
   * Shuts a user. Sessions that are open go on.
   *
   * @returns as `honour`
   */
  refuse(user: string, stroke: Stroke, mayGoOn: () => Promise<boolean>): Promise<boolean>;
}

/** What an authority's calls throw, by the names that the state machines know. */
export const AUTHORITY_ERRORS = {
  /** A server could not be reached. */
  unreachable: "AuthorityUnreachable",
  /** A login that was to act is refused. */
  loginRefused: "LoginRefused",
  /** The manager's own login is refused; he may be in the middle of a turn of his own. */
  managerRefused: "ManagerRefused",
  /** Somebody else has the credential's lock, or what it is about, for too long. */
  busy: "AuthorityBusy",
  /** It does not do what was asked, e.g. because the manager may not. */
  unwilling: "AuthorityUnwilling",
  /** An issuer asks to come again later than it is worth to wait. */
  putsOff: "AuthorityPutsOff",
  /** An issuer refuses the API key. */
  keyRefused: "KeyRefused",
  /** An issuer's answer holds no token that could be used. */
  answerUnfit: "AnswerUnfit",
} as const;

/** Those of what the manager is needed for: `usesOf`, `honour` and `refuse`. */
export const MANAGER_ERRORS = [
  AUTHORITY_ERRORS.unreachable,
  AUTHORITY_ERRORS.managerRefused,
  AUTHORITY_ERRORS.busy,
  AUTHORITY_ERRORS.unwilling,
] as const;

/** Those of what an issuer's API key is needed for: `issue` and `revoke`. */
export const KEY_ERRORS = [
  AUTHORITY_ERRORS.unreachable,
  AUTHORITY_ERRORS.putsOff,
  AUTHORITY_ERRORS.keyRefused,
  AUTHORITY_ERRORS.answerUnfit,
  AUTHORITY_ERRORS.unwilling,
] as const;

/** Where a credential's authority is, and whose credential it is: set by the deployment, never by the secret's value. */
export interface AuthoritySettings {
  /** The credential's name, after which its lock is named. */
  credential: string;
  /** The servers: first the one that is written to, then the readers. */
  hosts: readonly [string, ...string[]];
  port: number;
  dbname: string;
  /** The role as which the users act. */
  owner: string;
  /** The users that take turns. */
  users: readonly string[];
  /** Without it nothing is encrypted. */
  tls?: {
    /** The certificates of those who may vouch for a server, in PEM. */
    ca: string;
    /** What the server's certificate must name; without it, the host. */
    name?: string;
  };
}

/** @throws TypeError for a user that is none of the credential's; it does not repeat him, since he may come from a secret */
export function demandUser(user: string, { credential, users }: Pick<AuthoritySettings, "credential" | "users">): void {
  if (!users.includes(user)) {
    throw new TypeError(`The user is none of the users of the credential ${credential}: ${users.join(", ")}`);
  }
}
