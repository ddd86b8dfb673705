import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { SamplesDocument } from "../../../wire/life.ts";
import { ask } from "../../ask.ts";
import { added, askedFrom } from "./samples.ts";
import { readable, type Shown, spanOf } from "./windows.ts";

const EVERY_MS = 1000;
/** Whoever moves along the axis by keys asks for where they stop. */
const SETTLED_MS = 250;

export interface Sampled {
  read?: SamplesDocument;
  error?: string;
}

/** The samples of what is shown; while that is now, with the new ones each second for as long as somebody looks. */
export function useSamples(
  { id, host }: { id: string | undefined; host: string | undefined },
  { spanMs, to }: Shown,
): Signal<Sampled> {
  const sampled = useSignal<Sampled>({});
  const isFirst = useRef(true);
  useEffect(() => {
    if (!id || !host) return undefined;
    const gone = new AbortController();
    const shown = { spanMs, ...(to !== undefined && { to }) };
    let timer: ReturnType<typeof setTimeout>;
    let have: SamplesDocument | undefined;
    const read = async () => {
      const now = Date.now();
      const span = readable(spanOf(shown, now));
      const query = new URLSearchParams({ host, from: String(Math.floor(askedFrom(have, span.from, now))) });
      if (to !== undefined) query.set("to", String(Math.ceil(to)));
      const found = await ask<SamplesDocument>(`/api/samples/${id}?${query}`, { signal: gone.signal });
      have = have === undefined ? found : added(have, found, span);
      sampled.value = { read: have };
    };
    const go = async () => {
      if (!document.hidden) {
        await read().catch((error: Error) => {
          if (!gone.signal.aborted) sampled.value = { ...sampled.peek(), error: error.message };
        });
      }
      // What lies back is read once: when somebody looks, and AWS answers.
      if ((to === undefined || have === undefined) && !gone.signal.aborted) timer = setTimeout(go, EVERY_MS);
    };
    timer = setTimeout(go, isFirst.current ? 0 : SETTLED_MS);
    isFirst.current = false;
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [id, host, spanMs, to]);
  return sampled;
}
