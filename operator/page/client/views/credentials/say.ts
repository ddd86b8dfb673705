import type { ConsumerRow, CredentialRow, Tone, VersionRow } from "../../../wire/live.ts";

/** How a turn goes on, as long as the former version is let in. */
export interface Turn {
  moved: number;
  of: number;
  /** Whether nobody uses the credential, as far as is known. */
  isUnused: boolean;
}

/**
 * The turn that is under way; undefined where there is none: the former version is shut, or there is none. A place at which a
 * consumer was seen long ago is waited for by nobody, once the consumer has moved elsewhere.
 */
export function turnOf({ versions, consumers }: Pick<CredentialRow, "versions" | "consumers">): Turn | undefined {
  const former = versions.find(({ is }) => is === "former");
  if (former === undefined || former.shutAt !== undefined) return undefined;
  const moved = consumers.filter(({ hasMoved }) => hasMoved);
  const late = consumers.filter(({ behind }) => behind !== undefined);
  const seen = new Set([...moved, ...late].map(({ consumer }) => consumer));
  const unseen = new Set(consumers.map(({ consumer }) => consumer).filter((consumer) => !seen.has(consumer)));
  const of = moved.length + late.length + unseen.size;
  return { moved: moved.length, of, isUnused: of === 0 };
}

/** The turn in a sentence. */
export function turnSaid({ moved, of, isUnused }: Turn, { versions }: Pick<CredentialRow, "versions">): string {
  const user = versions.find(({ is }) => is === "current")?.user ?? "the current version";
  if (isUnused) return `A turn is under way: nobody was seen with ${user} or the one before it yet.`;
  const said = `A turn is under way: ${moved} of ${of} ${of === 1 ? "has" : "have"} moved to ${user}`;
  return moved < of ? `${said}.` : `${said}; the former one is shut once it was quiet for long enough.`;
}

/** How a consumer stands, in a word or two, and why. */
export function consumerSaid(
  { behind, hasMoved, at }: ConsumerRow,
  isTurning: boolean,
): { tone: Tone; word: string; why?: string } {
  if (behind !== undefined) return { tone: "warn", word: "behind", why: behind };
  if (hasMoved) return { tone: "good", word: isTurning ? "has moved" : "up to date" };
  if (at === undefined) return { tone: "quiet", word: "not seen yet" };
  return { tone: "quiet", word: "idle", why: "not seen since the turn" };
}

/** What a version is, in a word, and what else is to be known of it. */
export function versionSaid({ is, shutAt }: Pick<VersionRow, "is" | "shutAt">): {
  tone: Tone;
  word: string;
  more?: string;
} {
  if (is === "current") return { tone: "good", word: "current" };
  return shutAt === undefined
    ? { tone: "warn", word: "former", more: "still let in" }
    : { tone: "quiet", word: "former", more: "shut" };
}
