import type { Audit } from "../clients/audit.ts";

/** Whether Keyturn has ever promoted a version: the record may be lost, and the audit lines stay. */
export async function wasPromoted(secret: string, audit: Pick<Audit, "lines">): Promise<boolean> {
  let after: number | undefined;
  do {
    const { lines, next } = await audit.lines(secret, { after });
    if (lines.some(({ act }) => act === "promoted")) return true;
    after = next;
  } while (after !== undefined);
  return false;
}
