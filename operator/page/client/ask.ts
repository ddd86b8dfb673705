import { type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

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
 * @throws Refused with a sentence, with status 0 where the server does not answer; whatever `signal` says, where it has ended it
 */
export async function ask<Answer>(
  path: string,
  { body, signal: gone }: { body?: unknown; signal?: AbortSignal } = {},
): Promise<Answer> {
  const posted = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  let answer: Response;
  let said: { error?: unknown } | undefined;
  try {
    answer = await fetch(path, { ...posted, ...(gone && { signal: gone }) });
    said = await answer.json();
  } catch (error) {
    if (gone?.aborted) throw error;
    if (error instanceof SyntaxError) throw new Refused(502, "The answer of this page's server cannot be read.");
    throw new Refused(0, "The server of this page does not answer.");
  }
  if (!answer.ok) throw new Refused(answer.status, String(said?.error));
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
 * Asks, and asks again and again while the page is seen; what it has not asked for while it was hidden, at once when it is seen.
 *
 * @param everyMs how long after an answer; once where it is left out
 * @param again asks at once where it changes
 * @returns what came for this path: of another path, there is nothing yet
 */
export function useAsked<Answer>(
  path: string,
  { everyMs, again }: { everyMs?: number; again?: unknown } = {},
): Signal<Asked<Answer>> {
  // One for each path: what comes late for another must not be taken for an answer.
  const asked = useMemo(() => signal<Asked<Answer>>({}), [path]);
  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isUnderWay = false;
    let isDue = true;
    const go = async () => {
      isDue = true;
      if (document.hidden || isUnderWay) return;
      isUnderWay = true;
      isDue = false;
      try {
        const answer = await ask<Answer>(path, { signal: gone.signal });
        if (!gone.signal.aborted) asked.value = { answer };
      } catch (error) {
        if (gone.signal.aborted) return;
        const { message, status } = error as Refused;
        asked.value = { ...asked.peek(), error: message, isMissing: status === 404 };
      } finally {
        isUnderWay = false;
      }
      if (everyMs !== undefined && !gone.signal.aborted) timer = setTimeout(go, everyMs);
    };
    const onSeen = () => {
      if (isDue) void go();
    };
    document.addEventListener("visibilitychange", onSeen, { signal: gone.signal });
    void go();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [path, everyMs, again, asked]);
  return asked;
}
