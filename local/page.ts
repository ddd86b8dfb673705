import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Route } from "../operator/page/server/routes.ts";
import { type ServedPage, servePage } from "../operator/page/server/serve.ts";
import { findPlace } from "../operator/place/place.ts";
import { lastingPorts } from "./lasting-ports.ts";

/** In the data folder: the token of its page, for its owner alone. It stays, so that a page that is open finds the next start. */
const TOKEN_FILE = "page.token";
const TOKEN = /^[\w-]{43}$/;

/**
 * Serves the page of what runs here. Nothing but its socket is there before somebody opens it: what it reads by takes memory.
 *
 * @param acts what it may do beside looking
 * @param freshMs how old the newest sample of an instance may be before it is looked for
 */
export async function servePageHere(
  folder: string,
  { acts, freshMs }: { acts: readonly Route[]; freshMs: number },
): Promise<ServedPage> {
  const { page: port } = await lastingPorts(folder, ["page"]);
  const place = findPlace({ data: folder }, {});
  const never = new AbortController().signal;
  const behind = async () => {
    const { behindPage } = await import("../operator/page/open.ts");
    const times = { lookMs: 700, beatMs: 500 };
    return behindPage({ place, now: Date.now, stopped: never }, { acts, times, freshMs });
  };
  const token = tokenIn(folder);
  // Somebody may have taken it since it was tried.
  return servePage({ port, token, behind }).catch(() => servePage({ port: 0, token, behind }));
}

function tokenIn(folder: string): string {
  const file = join(folder, TOKEN_FILE);
  try {
    const kept = readFileSync(file, "utf8").trim();
    if (TOKEN.test(kept)) return kept;
  } catch {
    // The first start on this folder.
  }
  const token = randomBytes(32).toString("base64url");
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return token;
}
