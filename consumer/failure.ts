/** Something that a person can understand and mend. No credential stands in its message, and it has no cause to look into. */
export class Failure extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Failure";
  }
}

const LONGEST_WORDS = 300;

/** Errors by whose names the AWS SDK and `fetch` say that somebody was not reached, or that there are no credentials. */
const OF_THE_WAY = ["TimeoutError", "AbortError", "CredentialsProviderError"];

/**
 * What to say of anything that was thrown in a call: its name and the first line of what it says, where that comes from
 * AWS, the system or the way there. Of everything else only its name: a parser, for one, quotes what it could not read, and
 * that may be a credential.
 */
export function wordsOf(thrown: unknown): string {
  if (thrown instanceof Failure) return thrown.message;
  if (!(thrown instanceof Error)) return "an unknown failure";
  const isOfAws = "$fault" in thrown;
  const code = codeOf(thrown);
  if (!isOfAws && code === undefined && !OF_THE_WAY.includes(thrown.name)) return thrown.name;
  // AWS explains a wrong signature by repeating the whole request in the lines after the first. Node says nothing but a
  // code when every address of a host has refused.
  const line = thrown.message.split("\n")[0]?.slice(0, LONGEST_WORDS) || code;
  return [code === undefined ? thrown.name : "", line].filter(Boolean).join(": ");
}

/** A code of the operating system (`ECONNREFUSED`), or of a certificate that is not trusted; others' words may quote values. */
function codeOf(error: Error): string | undefined {
  const code = "code" in error ? error.code : undefined;
  return typeof code === "string" && /^E[A-Z]+$|CERT|^UNABLE_TO_/.test(code) ? code : undefined;
}
