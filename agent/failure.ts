/** Something that a person can understand and mend. Its message is printed as it is, without a stack trace. */
export class Failure extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Failure";
  }
}

const LONGEST_SENTENCE = 300;

/**
 * The sentence to show for anything that was thrown. Of what is not a Failure only the first line: AWS explains a wrong
 * signature by repeating the whole request, credentials included, in the lines after it.
 */
export function sentenceOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown instanceof Failure) return thrown.message;
  // Node gives an AggregateError without a message when every address of a host refuses the connection.
  if (thrown.message === "" && thrown instanceof AggregateError) return thrown.errors.map(sentenceOf).join("; ");
  return thrown.message.split("\n")[0]?.slice(0, LONGEST_SENTENCE) || thrown.name;
}
