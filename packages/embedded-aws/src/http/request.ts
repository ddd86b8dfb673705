import type { IncomingMessage } from "node:http";
import type { RawRequest } from "./service.ts";

/** The longest body that is taken. */
const LONGEST = 8 * 1024 * 1024;
/** How much of a longer one is read away, so that the client gets to reading the refusal. */
const PATIENCE = 64 * 1024 * 1024;

/**
 * Reads a request to its end.
 *
 * @returns `tooLarge`: the body was longer than 8 MB and is left out
 * @throws Error when the client goes away, or will not end
 */
export async function readRequest(message: IncomingMessage): Promise<{ request: RawRequest; tooLarge: boolean }> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    length += chunk.length;
    if (length > PATIENCE) throw new Error("the request does not end");
    if (length <= LONGEST) chunks.push(chunk);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  const tooLarge = length > LONGEST;
  const body = tooLarge ? Buffer.alloc(0) : Buffer.concat(chunks, length);
  return { request: { method: message.method ?? "", url: message.url ?? "/", headers, body }, tooLarge };
}
