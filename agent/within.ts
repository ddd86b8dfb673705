import { Failure } from "./failure.ts";

/**
 * Ends what takes too long. The SDK's own waiting between its attempts does not heed a signal, hence the race.
 *
 * @param signal whoever stops the agent
 * @param work is told by its own signal to end
 * @throws whatever `work` says, or a Failure after so many seconds or when `signal` aborts
 */
export async function within<T>(
  seconds: number,
  signal: AbortSignal | undefined,
  work: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const limit = signal === undefined ? own.signal : AbortSignal.any([signal, own.signal]);
  const timer = setTimeout(() => own.abort(), seconds * 1000);
  const stopped = new Promise<never>((_resolve, reject) => {
    const stop = () => reject(new Failure(own.signal.aborted ? `no answer within ${seconds} s` : "stopped"));
    if (limit.aborted) stop();
    else limit.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work(limit), stopped]);
  } finally {
    clearTimeout(timer);
  }
}
