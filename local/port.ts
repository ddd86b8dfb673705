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
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
  } catch (error) {
    throw new PortError(sentenceOn(port, error as NodeJS.ErrnoException));
  }
  await new Promise((resolve) => server.close(resolve));
}

/** What is wrong with a port that the system did not give, and what to do. */
export function sentenceOn(port: number, { code, message }: { code?: string | undefined; message: string }): string {
  const reasons: Record<string, string> = {
    EADDRINUSE: "is in use by another program",
    EACCES: "is one that only root may open",
  };
  return `Port ${port} on 127.0.0.1 ${reasons[code ?? ""] ?? `cannot be opened (${message})`}; choose another with --port.`;
}
