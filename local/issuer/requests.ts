import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** An API key, as OAuth calls its parts. */
export interface Client {
  id: string;
  secret: string;
}

/** More than a form with a token of 32 kB in it never is. */
const MOST_BYTES = 65_536;

/** An answer that says what is wrong with a request. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  /** @param code one of RFC 6749, section 5.2, or RFC 7009, section 2.2.1 */
  constructor(status: number, code: string, headers: Record<string, string> = {}) {
    super(code);
    this.status = status;
    this.headers = headers;
  }
}

/**
 * The fields of a form in a body.
 *
 * @throws Refusal for another type, a body that is too long, or a field that stands there twice (RFC 6749, section 3.2)
 */
export async function readForm(request: IncomingMessage): Promise<ReadonlyMap<string, string>> {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") throw new Refusal(400, "invalid_request");
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MOST_BYTES) throw new Refusal(413, "invalid_request", { connection: "close" });
    parts.push(part);
  }
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(Buffer.concat(parts).toString())) {
    if (fields.has(name)) throw new Refusal(400, "invalid_request");
    fields.set(name, value);
  }
  return fields;
}

/**
 * Who asks, by HTTP Basic alone, both parts form-encoded (RFC 6749, section 2.3.1).
 *
 * @throws Refusal for nobody of the clients
 */
export function demandClient(request: IncomingMessage, clients: Iterable<Client>): Client {
  const said = basicOf(request.headers.authorization);
  let found: Client | undefined;
  // All are compared, and whole: how long it takes says nothing of them.
  for (const client of clients) {
    const isId = isSame(client.id, said?.id ?? "");
    if (isSame(client.secret, said?.secret ?? "") && isId && said !== undefined) found = client;
  }
  if (found !== undefined) return found;
  throw new Refusal(401, "invalid_client", { "www-authenticate": 'Basic realm="issuer", charset="UTF-8"' });
}

function basicOf(header = ""): Client | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(header) ?? [];
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? "", "base64").toString()) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  try {
    return { id: formDecoded(id), secret: formDecoded(secret) };
  } catch {
    return undefined;
  }
}

function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(a as Buffer, b as Buffer);
}

/** The token of a request, in its header alone (RFC 6750, section 2.1). */
export function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i.exec(headers.authorization ?? "")?.[1];
}

/** Answers with JSON that nobody keeps. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  const always = { "content-type": "application/json", "cache-control": "no-store", pragma: "no-cache" };
  const text = JSON.stringify(body);
  response.writeHead(status, { ...always, ...headers }).end(text);
}
