import { SEE_HELP, WrongUse } from "./arguments.ts";

/** How many letters of a name may be others for it to be taken for the one that was meant. */
const MOST_WRONG = 3;

/**
 * Finds a credential by its name.
 *
 * @throws WrongUse when there is no such one, which names those that there are
 */
export function listed<Credential extends { name: string }>(
  name: string | undefined,
  credentials: readonly Credential[],
): Credential {
  if (credentials.length === 0) {
    throw new WrongUse(
      "cdk.json lists no credentials: put one under keyturn.credentials first, as docs/deploying.md says.",
    );
  }
  const names = credentials.map((one) => one.name);
  const all = `cdk.json lists ${names.join(", ")}`;
  if (name === undefined) throw new WrongUse(`Which credential? ${all}. ${SEE_HELP}`);
  const found = credentials.find((one) => one.name === name);
  if (found !== undefined) return found;
  // Somebody may have given the URL there: only what looks like a name that there is leads to one.
  const [nearest] = names
    .map((one) => ({ one, wrong: distance(name, one) }))
    .filter(({ wrong }) => wrong <= MOST_WRONG)
    .sort((a, b) => a.wrong - b.wrong);
  const meant = nearest === undefined ? "" : ` Is it ${nearest.one}?`;
  throw new WrongUse(`There is no credential of that name.${meant} ${all}.`);
}

/** How many letters must be put in, left out or replaced to make one of the other (Levenshtein). */
function distance(from: string, to: string): number {
  let former = Array.from({ length: to.length + 1 }, (_, n) => n);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const replaced = (former[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (former[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    former = next;
  }
  return former.at(-1) ?? 0;
}
