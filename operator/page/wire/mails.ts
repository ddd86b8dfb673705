/** Of the mails that `npm start` has sent: of a mail, what stands in a list of them. */
export interface MailRow {
  /** As the how many-th it came, from 1 on. */
  number: number;
  /** Milliseconds since 1970. */
  receivedAt: number;
  subject: string;
}

export interface MailsDocument {
  /** The newest first. */
  mails: MailRow[];
  /** How many there are before these. */
  earlier: number;
}

/** One in full, as plain text. */
export interface MailDocument extends MailRow {
  from: string;
  to: string;
  text: string;
}
