/** Which version of a secret plays which part in its rotation, each by its ID; undefined where none does. */
export interface Stages {
  current: string | undefined;
  pending: string | undefined;
  predecessor: string | undefined;
}

/** How a secret is kept, apart from its values. */
export interface Oversight {
  /** ARN of the function that rotates it, while rotation is switched on. */
  rotatedBy: string | undefined;
  /** Its resource policy, as JSON; undefined where it has none. */
  policy: string | undefined;
}

/**
 * Shared secrets and their versions. A version is named by its ID, which is the token of the request that asked for it,
 * and has one value, ever.
 *
 * What is read may lag behind what was done by some seconds: a version that was just asked for may not be seen as pending
 * yet, and one that was just put may have no value yet. What is written is decided by what is so, and its answer says it.
 * Whatever keeps a secret from being looked at is thrown, and is never an answer.
 */
export interface Secrets {
  /**
   * The versions of a secret by their parts.
   *
   * @param secret its name or ARN
   * @returns undefined when there is no such secret, or it was deleted
   */
  stages(secret: string): Promise<Stages | undefined>;

  /**
   * The value of a version, as text.
   *
   * @returns undefined when there is no such secret or version, or none of its values was put yet
   * @throws Error when the value is bytes, and no text
   */
  read(secret: string, version: string): Promise<string | undefined>;

  /**
   * Puts the value of the pending version, once: the same again does nothing.
   *
   * @returns `put` when the version has this value; `other` when it has another one, which stays; `not-pending` when the
   *   version is not seen as the pending one, and then nothing was put
   */
  putPending(secret: string, version: string, value: string): Promise<"put" | "other" | "not-pending">;

  /**
   * Makes a version the current one, and the current one its predecessor, provided that this still is `from`.
   *
   * @param version has its value
   * @returns whether the version is the current one, by this call or an earlier one; if not, a third one is
   * @throws Error ResourceNotFoundException when there is no such secret or version
   * @throws StepError TemporarilyUnavailable when it was refused and the reason is not to be seen yet
   */
  promote(secret: string, version: string, options: { from: string }): Promise<boolean>;

  /**
   * Takes off a version that it is pending, which makes room for the next request. Its value stays.
   *
   * @returns whether it was pending until now
   */
  dropPending(secret: string, version: string): Promise<boolean>;

  /**
   * Asks for a rotation, under a token that becomes its version's ID. The same token is the same request. Where rotation was
   * switched off, this switches it on again.
   *
   * @returns `asked` when it is, by this call or an earlier one; `under-way` when another version is pending, and nothing was
   *   asked for
   * @throws Error ResourceNotFoundException when there is no such secret; another one when it is deleted, or when no function
   *   was ever named that rotates it
   */
  askForRotation(secret: string, token: string): Promise<"asked" | "under-way">;

  /**
   * What others may have done to a secret, beside its values.
   *
   * @returns undefined when there is no such secret, or it was deleted
   */
  oversight(secret: string): Promise<Oversight | undefined>;
}
