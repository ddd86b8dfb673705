import { Failure, wordsOf } from "../failure.ts";
import type { FollowSettings } from "./environment.ts";
import { serve } from "./server.ts";

/** What an example consists of. */
export interface Example {
  settings: Pick<FollowSettings, "consumer" | "secretId" | "listen">;
  /** What `GET /` answers. Never throws. */
  status: () => Promise<object>;
  /** Lets all go, once no request is under way any more. */
  close: () => Promise<void>;
}

/**
 * Runs an example as a program: it answers until it is told to end, by SIGTERM or SIGINT. What keeps it from starting is said
 * in words, and it exits with 1.
 *
 * @param make is given where to tell what goes wrong and is got over
 */
export async function run(make: (log: (message: string) => void) => Example): Promise<void> {
  const log = (message: string) =>
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), message })}\n`);
  try {
    const { settings, status, close } = make(log);
    const stopped = new Promise<string>((resolve) => {
      for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
    });
    const server = await serve(settings.listen, status);
    log(`${settings.consumer} listens at ${server.url.href} and uses the secret ${settings.secretId}.`);
    log(`${await stopped}: no more requests are taken.`);
    await server.close();
    await close();
    log("All requests are answered. It ends.");
  } catch (error) {
    process.stderr.write(`${error instanceof Failure ? error.message : `It could not start: ${wordsOf(error)}`}\n`);
    process.exitCode = 1;
  }
}
