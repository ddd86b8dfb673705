import { AwsError } from "./service.ts";

/**
 * Refuses members that are not known here: what is asked for must not be left out without a word.
 *
 * @throws AwsError ValidationException
 */
export function refuseOthers(input: object, known: readonly string[], log: (sentence: string) => void): void {
  const other = Object.entries(input).find(([member, value]) => !known.includes(member) && value !== null)?.[0];
  if (other === undefined) return;
  log(`A call was refused because the embedded AWS does not know its member ${other}.`);
  throw new AwsError("ValidationException", `The embedded AWS does not know the member ${other}.`);
}
