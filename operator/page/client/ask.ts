import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** That something could not be had; its message is a sentence for people. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Asks the server.
 *
 * @param body what is posted; where it is left out, it is asked for only
 * @throws Refused with a sentence, with status 0 where the server does not answer
 */
export async function ask<Answer>(
  path: string,
  { body, signal }: { body?: unknown; signal?: AbortSignal } = {},
): Promise<Answer> {
  const posted = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  let answer: Response;
  try {
    answer = await fetch(path, { ...posted, ...(signal && { signal }) });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused(0, "The server of this page does not answer.");
  }
  const said = await answer.json().catch(() => ({ error: "The server's answer cannot be read." }));
  if (!answer.ok) throw new Refused(answer.status, String(said.error));
  return said as Answer;
}

/** What was asked for: what came last, and what went wrong since, each where there is such. */
export interface Asked<Answer> {
  answer?: Answer;
  error?: string;
  /** Whether there is no such thing, as far as the server knows. */
  isMissing?: boolean;
}

/**
 * Asks, and asks again and again while the page is seen.
 *
 * @param everyMs how long after an answer; once where it is left out
 * @param again asks at once where it changes
 */
export function useAsked<Answer>(
  path: string,
  { everyMs, again }: { everyMs?: number; again?: unknown } = {},
): Signal<Asked<Answer>> {
  const asked = useSignal<Asked<Answer>>({});
  // What came for another path is nothing of this one.
  useEffect(() => {
    asked.value = {};
  }, [path]);
  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const go = async () => {
      if (!document.hidden) {
        try {
          asked.value = { answer: await ask<Answer>(path, { signal: gone.signal }) };
        } catch (error) {
          if (gone.signal.aborted) return;
          const { message, status } = error as Refused;
          asked.value = { ...asked.peek(), error: message, isMissing: status === 404 };
        }
      }
      if (everyMs !== undefined && !gone.signal.aborted) timer = setTimeout(go, everyMs);
    };
    void go();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [path, everyMs, again]);
  return asked;
}
