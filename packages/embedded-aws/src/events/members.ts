import { AwsError } from "../http/service.ts";

/**
 * Refuses members that are not known here: what is asked for must not be left out without a word.
 *
 * @throws AwsError ValidationException
 */
export function refuseOthers(input: object, known: readonly string[], log: (sentence: string) => void): void {
  const other = Object.keys(input).find((member) => !known.includes(member));
  if (other === undefined) return;
  log(`A call was refused because the embedded AWS does not know its member ${other}.`);
  throw new AwsError("ValidationException", `The embedded AWS does not know the member ${other}.`);
}
