import type { IncomingMessage } from "node:http";

/** The page posts a few words at a time. */
export const LONGEST_BODY = 65_536;

/** That something is wrong with what was asked; its message is a sentence for people. */
export class BadRequest extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * What was posted, as JSON. Of what is too long no more is read than shows that it is.
 *
 * @throws BadRequest 413 for what is longer than `LONGEST_BODY`, 400 for what is no JSON or ends too early
 */
export async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const tooLong = new BadRequest(413, "That is too much at once.");
  if (Number(request.headers["content-length"] ?? 0) > LONGEST_BODY) throw tooLong;
  const text = await new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= LONGEST_BODY) return;
      // Not destroyed: its answer goes the same way.
      request.pause();
      reject(tooLong);
    });
    request.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    request.once("error", () => reject(new BadRequest(400, "What was posted has ended too early.")));
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest(400, "What was posted is no JSON.");
  }
}
