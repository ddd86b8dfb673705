/** Whose an access key is, as IAM and STS say. */
export type KeyOwner =
  /** An IAM user of this account. */
  | { owner: "USER"; user: string }
  /** The account's root user, whose keys nobody but he himself can touch. */
  | { owner: "ROOT" }
  /** Somebody in another account, where that is said. */
  | { owner: "OTHERS"; account?: string }
  /** Nobody any more: AWS knows no such key. */
  | { owner: "NOBODY" };

/** When and by what a key was used last, as far as IAM has noticed. */
export interface LastUse {
  /** Milliseconds since 1970. */
  at: number;
  /** E.g. `s3` and `eu-west-1`. */
  service: string;
  region: string;
}

/** An access key of a user. */
export interface ListedKey {
  accessKeyId: string;
  isActive: boolean;
}

/** Access keys of IAM users, and what their users may do. An access key's ID is no secret; its secret key is never asked for. */
export interface AccessKeys {
  /**
   * Whose a long-term key is. What AWS says of a key that it does not know, or that is another account's, is told apart from a
   * call that this one may not make.
   *
   * @throws whatever else IAM answers
   */
  whose(accessKeyId: string): Promise<KeyOwner & { lastUse?: LastUse }>;

  /**
   * Makes a key inactive: whoever signs with it is refused. A key that is inactive already is no error.
   *
   * @returns `gone` where the user has no such key, or there is no such user
   */
  deactivate(user: string, accessKeyId: string): Promise<"deactivated" | "gone">;

  /** Deletes a key, which cannot be undone. @returns as `deactivate` does */
  remove(user: string, accessKeyId: string): Promise<"deleted" | "gone">;

  /** All keys of a user; undefined where there is no such user. IAM may say for some seconds what was before. */
  keysOf(user: string): Promise<ListedKey[] | undefined>;

  /** The names of the managed policies that are attached to a user; undefined where there is no such user. */
  policiesOf(user: string): Promise<string[] | undefined>;

  /**
   * Denies everything to what was issued to a user before a moment: temporary credentials that he, or whoever had his key, drew
   * for himself. Not to those of roles that were taken on. By an inline policy of the user, which the next call replaces.
   *
   * @param before milliseconds since 1970
   * @returns `gone` where there is no such user
   */
  denySessions(user: string, before: number): Promise<"denied" | "gone">;
}

/** The name of the inline policy by which sessions are denied. */
export const DENY_SESSIONS_POLICY = "KeyturnDenySessionsIssuedBefore";
