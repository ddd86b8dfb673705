import type { Context } from "../operator/context.ts";
import { pageOutput } from "../operator/page/output.ts";
import { findPlace } from "../operator/place/place.ts";

/**
 * What a command of `keyturn` is given that is run in this process, beside `npm start`: nobody is there to read what it says beside
 * its answer.
 *
 * @param folder the data folder, in which it already says where it runs
 * @param stopped ends what waits
 */
export function contextHere(folder: string, stopped: AbortSignal): Context {
  const out = { ...pageOutput(() => undefined), json: true };
  return { place: findPlace({ data: folder }, {}), out, now: Date.now, stopped };
}
