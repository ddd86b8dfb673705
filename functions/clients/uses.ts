import { FORMS, type Use as Proof } from "../../protocol/index.ts";
import { StepError } from "../shared/errors.ts";

/** The use proofs that consumers have written to the time series. */
export interface Uses {
  /**
   * The last use of each version by each consumer on each instance or with each role, as it was written, newest first: whether its proof proves
   * anything is for the caller. What has not the form of a use is passed over, and so is what bears a time outside of the
   * window; a store may keep no earlier one beside it. Where two stores are read, it is the last in each: what one of them
   * holds hides nothing that lies in the other.
   *
   * A use of the last seconds may be missing. All that bears a time of the window counts towards `MOST_USES`, whatever it is.
   *
   * @param secret the secret's name
   * @param window.from in milliseconds since 1970, inclusive, and so is `to`
   * @throws StepError TooManyUses where so much lies there that it is not read to its end: somebody floods it
   * @throws TypeError when the secret's name has not its form
   */
  of(secret: string, window: { from: number; to: number }): Promise<Proof[]>;

  /**
   * Whether somebody else's false proof can stand in the place of an honest one: where whoever may write may do so in the name
   * of every instance and role.
   */
  readonly canHide: boolean;
}

/** How many stored things of one secret are read. A fleet's consumers write some thousands at the most. */
export const MOST_USES = 20_000;

/** @throws TypeError when the name of a secret has not its form */
export function demandSecretName(secret: string): void {
  if (!FORMS.secretName.test(secret)) throw new TypeError("secret must be the name of a secret, and no ARN");
}

/** What is thrown where more lies there than is read. */
export function tooManyUses(secret: string, most: number): StepError {
  const message =
    `More use proofs of the secret ${secret} lie in the time series than the ${most} that are read, so nobody can say who ` +
    "uses it: somebody floods it. Find out which instance or role writes them, and stop it.";
  return new StepError("TooManyUses", message);
}
