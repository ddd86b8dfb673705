import { misused } from "./exits.ts";

/**
 * A port as it is typed; 0 stands for any that is free.
 *
 * @throws Stopped (2) with a sentence
 */
export function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw misused(`"${text}" is no port: say a number from 0 to 65535.`);
  return port;
}
