/** Mail to the people who look after the fleet. */
export interface Mail {
  /**
   * Sends a mail to everyone who is subscribed.
   *
   * @param subject one line; SNS takes 100 characters of ASCII, a longer one is cut
   * @param text plain text
   */
  send(subject: string, text: string): Promise<void>;
}

const LONGEST_SUBJECT = 99;

/** A subject as SNS takes it: one line of ASCII, under 100 characters. */
export function subjectLine(subject: string): string {
  return subject.replace(/[^\x20-\x7e]/g, "?").slice(0, LONGEST_SUBJECT);
}
