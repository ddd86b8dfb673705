import type * as z from "zod/mini";

/** Where a setting is named in a message: in cdk.json it stands under `context`. */
const NAME = "keyturn";

/** Longer values are cut: who reads it knows what is in the file. */
const LONGEST_VALUE = 60;

/** What a user is told of one wrong setting. */
export function sentence(setting: string, fault: string): string {
  return readable(`In cdk.json, ${[NAME, setting].filter((part) => part !== "").join(".")} ${fault}.`);
}

/**
 * What a user is told of what the schema finds, one sentence for each setting.
 *
 * @param given what the schema was given
 * @param elsewhere says of a setting that does not belong where it stands where it does, in words that go on after its name
 */
export function sentencesAbout(
  issue: z.core.$ZodIssue,
  given: unknown,
  elsewhere: (path: readonly PropertyKey[], key: string) => string | undefined = () => undefined,
): string[] {
  const setting = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    const unknown = "is no setting; docs/deploying.md lists those that there are";
    return issue.keys.map((key) => sentence([...issue.path, key].join("."), elsewhere(issue.path, key) ?? unknown));
  }
  if (issue.code === "invalid_key") return [sentence(setting, issue.issues[0]?.message ?? issue.message)];
  const value = issue.path.reduce<unknown>((whole, key) => (whole as Record<PropertyKey, unknown>)?.[key], given);
  if (value === undefined) return [sentence(setting, `is missing; it ${issue.message}`)];
  // What does not say what it must be says what it is.
  const is = issue.message.startsWith("must") ? `; it is ${shown(value)}` : "";
  return [sentence(setting, `${issue.message}${is}`)];
}

function shown(value: unknown): string {
  const text = textOf(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // JSON.parse takes any depth, and this goes down by calls.
    if (error instanceof RangeError) return "nested too deep to be shown";
    throw error;
  }
}

/** A name may be any text: no line is broken by one, and no terminal heeds it. */
function readable(text: string): string {
  const escaped = (sign: string) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);
}
