import { SettingsError } from "../settings/error.ts";

/** A reason not to go on. Its message is for the user. */
export class Refused extends Error {}

/** What was found before a deployment or a removal. */
export interface Report {
  /** What would let it fail, or harm: nothing is done while there is one. */
  complaints: string[];
  /** What to know; it goes on. */
  notes: string[];
}

/** Whatever AWS was asked for one purpose. */
export interface Question {
  /** What is not known when AWS does not answer: "whether …". */
  whether: string;
  /** Nothing is done without an answer. */
  isNeeded?: true;
  ask: () => Promise<Partial<Report>>;
}

/**
 * Asks everything at once. What AWS does not answer, for want of a right or of a connection, stops nobody unless it is needed:
 * that it is not known is a note.
 */
export async function answersTo(questions: readonly Question[]): Promise<Report> {
  const reports = await Promise.all(
    questions.map(async ({ whether, isNeeded, ask }): Promise<Partial<Report>> => {
      try {
        return await ask();
      } catch (error) {
        const unanswered = `AWS did not say ${whether}: ${reasonOf(error)}`;
        return isNeeded ? { complaints: [unanswered] } : { notes: [unanswered] };
      }
    }),
  );
  return {
    complaints: reports.flatMap(({ complaints = [] }) => complaints),
    notes: reports.flatMap(({ notes = [] }) => notes),
  };
}

/**
 * What AWS or the way to it says, in one line.
 *
 * @throws the error itself when it is a mistake of this program
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  // To Node a malformed AWS_ENDPOINT_URL is a TypeError, too.
  if ("code" in error && error.code === "ERR_INVALID_URL") return "an AWS_ENDPOINT_URL… that is set is no URL";
  if (error instanceof TypeError || error instanceof ReferenceError) throw error;
  return `${error.message || error.name}`.split("\n")[0] ?? "";
}

/** All complaints in one message. */
export function refusalOf(sentence: string, complaints: readonly string[]): string {
  return [sentence, ...complaints.map((one) => `* ${one.replaceAll("\n", "\n  ")}`)].join("\n");
}

/** Runs a command. What the user did, or has to do, is told in its own words, and is the exit code 1. */
export async function inOneMessage(command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    if (!(error instanceof Refused || error instanceof SettingsError)) throw error;
    console.error(error.message);
    return 1;
  }
}
