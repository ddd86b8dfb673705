import { appendFileSync } from "node:fs";

/** Notes the ID of each event that it is given. */
export function handler({ id }: { id: string }): void {
  appendFileSync(process.env.RECEIVED ?? "", `${id}\n`);
}
