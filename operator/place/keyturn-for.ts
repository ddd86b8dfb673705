import { resolve } from "node:path";
import { USUAL_DATA } from "./place.ts";

/**
 * How `keyturn` is called in the project's folder for what `npm start` keeps in a folder, so that it can be pasted.
 *
 * @param data the data folder, absolute or as it was typed there
 */
export function keyturnFor(data: string): string {
  if (data === ".keyturn" || resolve(data) === USUAL_DATA) return "npx keyturn";
  const quoted = /^[\w./-]+$/.test(data) ? data : `'${data.replaceAll("'", "'\\''")}'`;
  return `npx keyturn --data ${quoted}`;
}
