import PostalMime, { type Address } from "postal-mime";
import { SMTPServer } from "smtp-server";
import type { Parts } from "../parts.ts";

/** A mail that arrived. */
export interface Mail {
  /** Its Message-ID, with the angle brackets. */
  messageId: string;
  from: string;
  to: string;
  subject: string;
  text: string;
  /** Milliseconds since 1970. */
  receivedAt: number;
  /** As it came over SMTP. */
  raw: string;
}

/** SNS messages have 256 KB at most; coded as a mail they grow. */
const LARGEST = 1024 * 1024;

/** The inbox of everyone: an SMTP server on 127.0.0.1 that keeps what it receives, each mail once. */
export class Inbox {
  readonly #parts: Parts;
  readonly #onMail: (mail: Mail) => void;
  #server: SMTPServer | undefined;

  /** @param onMail is told of each mail once it is kept */
  constructor(parts: Parts, onMail: (mail: Mail) => void = () => {}) {
    this.#parts = parts;
    this.#onMail = onMail;
    parts.store.db.exec(`CREATE TABLE IF NOT EXISTS mail_inbox (
      messageId TEXT PRIMARY KEY, "from" TEXT NOT NULL, "to" TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL,
      receivedAt INTEGER NOT NULL, raw TEXT NOT NULL)`);
  }

  /** Takes mail at any free port. */
  async start(): Promise<{ port: number }> {
    const server = new SMTPServer({
      disabledCommands: ["AUTH", "STARTTLS"],
      size: LARGEST,
      closeTimeout: 1000,
      logger: false,
      onData: (stream, session, done) => {
        // It is taken only when it is kept: until then the sender has it.
        this.#receive(stream, session.envelope.rcptTo[0]?.address ?? "").then(() => done(), done);
      },
    });
    server.on("error", (error) => this.#parts.log(`The inbox had a connection that failed: ${error.message}`));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#server = server;
    const address = server.server.address();
    if (address === null || typeof address === "string") throw new Error("The inbox has no port.");
    return { port: address.port };
  }

  /** Every mail, the oldest first. */
  list(): Mail[] {
    const rows = this.#parts.store.db.prepare("SELECT * FROM mail_inbox ORDER BY receivedAt, rowid").all();
    return rows as unknown as Mail[];
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(resolve));
  }

  async #receive(stream: AsyncIterable<Buffer>, recipient: string): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const parsed = await PostalMime.parse(raw);
    const mail: Mail = {
      messageId: parsed.messageId ?? "",
      from: addressOf(parsed.from),
      to: addressOf(parsed.to?.[0]) || recipient,
      subject: parsed.subject ?? "",
      text: (parsed.text ?? "").replace(/\n$/, ""),
      receivedAt: this.#parts.clock.now(),
      raw: raw.toString(),
    };
    const { messageId, from, to, subject, text, receivedAt } = mail;
    const { changes } = this.#parts.store.db
      .prepare("INSERT OR IGNORE INTO mail_inbox VALUES (?, ?, ?, ?, ?, ?, ?)")
      .run(messageId, from, to, subject, text, receivedAt, mail.raw);
    if (changes > 0) this.#onMail(mail);
  }
}

function addressOf(address: Address | undefined): string {
  return address?.address ?? "";
}
