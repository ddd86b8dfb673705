import { type Mail, subjectLine } from "./mail.ts";

/** Mail in memory. */
export function fakeMail(): Mail & { sent: { subject: string; text: string }[] } {
  const sent: { subject: string; text: string }[] = [];
  return {
    sent,
    async send(subject, text) {
      sent.push({ subject: subjectLine(subject), text });
    },
  };
}
