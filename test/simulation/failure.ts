import { AT_EVERY_MOMENT, AT_THE_END } from "../harness/invariants.ts";
import { MENDED } from "./end.ts";
import { TOLD } from "./expectations.ts";

/** All that must hold, by name: of an account at every moment and at rest, and of what people must have been told. */
export const INVARIANTS: string[] = [
  ...new Set([...AT_EVERY_MOMENT, ...AT_THE_END].map(({ name }) => name)),
  TOLD,
  MENDED,
];

/** Those by which a rightful host or consumer can go on with what it holds. */
export const LOCK_OUTS = [
  "no host is locked out",
  "the current version of a secret is honoured, once it was",
  "a credential that a consumer holds is honoured",
  "no consumer was refused",
];

/**
 * What kind of failure it is: the invariant that did not hold, the first one where there are several; or the sentence without what
 * differs from one time to the next.
 *
 * @param broken what must not have happened, as a sentence
 */
export function failureOf(broken: string): string {
  const names = INVARIANTS.filter((name) => broken.startsWith(`${name}: `));
  return names[0] ?? (broken.split("\n")[0] ?? "").replaceAll(/\b[\da-f-]*\d[\da-f-]*\b/g, "…");
}
