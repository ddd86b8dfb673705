import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";

// As much of PostgreSQL's protocol (version 3) as one login, one question and one refusal take: what a driver makes of a
// server's words can be tried with it where no PostgreSQL is.

/** A server that knows some users, asks for their passwords in the clear, and answers every question with the user's name. */
export class PostgresWire {
  /** By user. */
  readonly passwords = new Map<string, string>();
  /** Users who may not log in. */
  readonly shut = new Set<string>();
  /** What it says in the place of its own words, as a server might that repeats what it was sent. */
  words: string | undefined;
  /** While set, it answers nothing until this comes to its end. */
  held: Promise<void> | undefined;
  /** Who logged in or tried to, in order. */
  readonly logins: { user: string; database: string; application: string }[] = [];
  /** How many connections were made. */
  connections = 0;
  /** How many of those that logged in have also said that they go. */
  parted = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#serve(socket));

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    if (this.#server.listening) await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket)).on("error", () => {});
    let received = Buffer.alloc(0);
    let user: string | undefined;
    socket.on("data", async (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      await this.held;
      for (;;) {
        // The first message has no type before its length.
        const head = user === undefined ? 0 : 1;
        if (received.length < head + 4) return;
        const length = head + received.readInt32BE(head);
        if (received.length < length) return;
        const type = user === undefined ? "" : received.toString("latin1", 0, 1);
        const body = received.subarray(head + 4, length);
        received = received.subarray(length);
        if (user === undefined) user = this.#begun(socket, body);
        else this.#told(socket, { type, body, user });
      }
    });
  }

  /** The name of the user who wants to log in; undefined where something else was asked first. */
  #begun(socket: Socket, body: Buffer): string | undefined {
    if (body.readInt32BE(0) === SSL_REQUEST) {
      socket.write("N");
      return undefined;
    }
    const texts = body.toString("utf8", 4).split("\0");
    const parameters = new Map(texts.flatMap((text, at) => (at % 2 === 0 ? [[text, texts[at + 1] ?? ""]] : [])));
    const [user = "", database = "", application = ""] = ["user", "database", "application_name"].map((name) =>
      parameters.get(name),
    );
    this.logins.push({ user, database, application });
    socket.write(message("R", int32(PASSWORD_IN_THE_CLEAR)));
    return user;
  }

  #told(socket: Socket, { type, body, user }: { type: string; body: Buffer; user: string }): void {
    if (type === "p") {
      const isRight = this.passwords.get(user) === body.toString("utf8", 0, body.length - 1);
      if (!isRight) this.#refuse(socket, "28P01", `password authentication failed for user "${user}"`);
      else if (this.shut.has(user)) this.#refuse(socket, "28000", `role "${user}" is not permitted to log in`);
      else socket.write(Buffer.concat([message("R", int32(0)), message("Z", Buffer.from("I"))]));
    }
    if (type === "Q") {
      const description = Buffer.concat([
        int16(1),
        text("user"),
        int32(0),
        int16(0),
        int32(25),
        int16(-1),
        int32(-1),
        int16(0),
      ]);
      const row = Buffer.concat([int16(1), int32(Buffer.byteLength(user)), Buffer.from(user)]);
      const answer = [
        message("T", description),
        message("D", row),
        message("C", text("SELECT 1")),
        message("Z", Buffer.from("I")),
      ];
      socket.write(Buffer.concat(answer));
    }
    if (type === "X") {
      this.parted += 1;
      socket.end();
    }
  }

  #refuse(socket: Socket, code: string, words: string): void {
    const fields = ["SFATAL", "VFATAL", `C${code}`, `M${this.words ?? words}`].map(text);
    socket.end(message("E", Buffer.concat([...fields, Buffer.from([0])])));
  }
}

const SSL_REQUEST = 80_877_103;
const PASSWORD_IN_THE_CLEAR = 3;

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
