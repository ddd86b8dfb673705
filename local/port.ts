import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** A port that cannot be had. Its message is one sentence for the user. */
export class PortError extends Error {}

/**
 * Sees that a port on 127.0.0.1 can be had, before anything is done that would have to be undone.
 *
 * @param port 0 stands for any free one
 * @throws PortError with one clear sentence
 */
export async function demandPort(port: number): Promise<void> {
  const error = await tryPort(port);
  if (error !== undefined) throw new PortError(sentenceOn(port, error));
}

/** From where ports are drawn that last: the system gives none of these to whoever asks for any, not even while one is not used. */
const LASTING = { from: 20_000, to: 30_000 };

/**
 * A port on 127.0.0.1 for what stops and comes back.
 *
 * @param wanted is taken if it can be had
 * @param taken are others
 */
export async function lastingPort(wanted?: number, taken: readonly number[] = []): Promise<number> {
  for (let port = wanted ?? randomInt(LASTING.from, LASTING.to); ; port = randomInt(LASTING.from, LASTING.to)) {
    if (!taken.includes(port) && (await tryPort(port)) === undefined) return port;
  }
}

/** Listens to a port for a moment. @returns what the system said to that; undefined where it can be had */
async function tryPort(port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer();
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once("error", resolve);
    server.listen(port, "127.0.0.1", () => resolve(undefined));
  });
  await new Promise((resolve) => server.close(resolve));
  return error;
}

/** What is wrong with a port that the system did not give, and what to do. */
export function sentenceOn(port: number, { code, message }: { code?: string | undefined; message: string }): string {
  const reasons: Record<string, string> = {
    EADDRINUSE: "is in use by another program",
    EACCES: "is one that only root may open",
  };
  return `Port ${port} on 127.0.0.1 ${reasons[code ?? ""] ?? `cannot be opened (${message})`}; choose another with --port.`;
}
