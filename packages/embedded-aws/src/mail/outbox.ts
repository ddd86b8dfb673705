import { createTransport, type Transporter } from "nodemailer";
import type { Parts } from "../parts.ts";
import { type QueuedItem, RetryQueue } from "../retry-queue.ts";
import { uuid } from "../uuid.ts";

/** A mail to one person. */
export interface OutgoingMail {
  to: string;
  subject: string;
  text: string;
}

/** The same with what marks it out: however often it is sent, it is one mail. */
type Queued = OutgoingMail & { messageId: string; date: number };

const SENDER = { name: "AWS Notifications", address: "no-reply@sns.amazonaws.com" };
const LONGEST_WAIT_MS = 60_000;

/** Mail on its way out: kept until the SMTP server has taken it, tried again after ever longer waits. */
export class Outbox {
  readonly #parts: Parts;
  readonly #queue: RetryQueue<Queued>;
  #transport: Transporter | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#queue = new RetryQueue(parts, "mail_outbox", (item) => this.#send(item));
  }

  /** Begins to send to the SMTP server at 127.0.0.1, with what a former process left. */
  start(port: number): void {
    // One connection keeps the mails in their order.
    const one = { pool: true, maxConnections: 1, host: "127.0.0.1", port, ignoreTLS: true } as const;
    this.#transport = createTransport({ ...one, disableFileAccess: true, disableUrlAccess: true });
    this.#queue.start();
  }

  /** Puts a mail in, as part of the transaction that is open, if one is. */
  add(mail: OutgoingMail): void {
    const { random, clock } = this.#parts;
    this.#queue.add({ ...mail, messageId: `<${uuid(random)}@sns.amazonaws.com>`, date: clock.now() });
  }

  close(): void {
    this.#queue.close();
    this.#transport?.close();
    this.#transport = undefined;
  }

  async #send({ id, body, attempts }: QueuedItem<Queued>): Promise<void> {
    const { to, subject, text, messageId, date } = body;
    let failure: unknown;
    try {
      const recipient = { name: "", address: to };
      await this.#transport?.sendMail({ from: SENDER, to: recipient, subject, text, messageId, date: new Date(date) });
    } catch (error) {
      failure = error;
    }
    // Closed meanwhile: the next process sends it once more, and the inbox takes it once.
    if (this.#transport === undefined) return;
    if (failure === undefined) {
      this.#queue.remove(id);
      return;
    }
    const waitMs = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** Math.min(attempts, 10));
    this.#parts.log(`A mail could not be handed over and is tried again in ${waitMs / 1000} s: ${failure}`);
    this.#queue.retry(id, waitMs);
  }
}
