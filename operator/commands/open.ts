import { randomBytes } from "node:crypto";
import type { Run } from "../context.ts";
import { EXIT } from "../exits.ts";
import { openPage } from "../page/open.ts";

export const run: Run<{ port?: number }> = async ({ options }, context) => {
  const { out, stopped, place } = context;
  const page = await openPage(context, {
    port: options.port ?? 0,
    token: randomBytes(32).toString("base64url"),
    times: place.kind === "here" ? { lookMs: 700, beatMs: 700 } : { lookMs: 1500, beatMs: 15_000 },
    freshMs: 300_000,
  });
  out.note(`Open ${page.address} in a browser on this computer. Ctrl-C ends it.`);
  await new Promise((resolve) => stopped.addEventListener("abort", resolve, { once: true }));
  await page.close();
  return { code: EXIT.interrupted, document: {}, print: () => undefined };
};
