import { ACCOUNT } from "embedded-aws";
import { behindPage } from "../../operator/page/open.ts";
import { servePage } from "../../operator/page/server/serve.ts";
import { findPlace } from "../../operator/place/place.ts";
import type { TestFleet } from "../flows/support.ts";
import { askPage, cookieOf } from "./asking.ts";
import { PAGE_PATHS, pathOf } from "./paths.ts";

/** What the page's server has said to something. */
export interface Said {
  path: string;
  status: number;
  text: string;
}

/** The place of a fleet, as `keyturn` finds that of `npm start`: with its operator's credentials, who may everything. */
function placeOf({ aws }: TestFleet) {
  const { endpoint, region, credentials } = aws;
  const running = { pid: process.pid, endpoint, region, account: ACCOUNT, credentials };
  return { ...findPlace({ aws: true, region }, {}), kind: "here", running } as const;
}

/**
 * Everything that a page over a fleet answers, and what it pushes, each once.
 *
 * @param words what stands in paths in the place of ID and so on
 * @returns beside them what nobody may be told: the token, and what it is exchanged for
 */
export async function allAnswers(
  fleet: TestFleet,
  words: Record<string, string>,
): Promise<{ said: Said[]; secrets: string[] }> {
  const token = "a-token-that-nobody-else-has-on-this-page-.";
  const options = { times: { lookMs: 100, beatMs: 100 }, freshMs: 60_000 };
  const stopped = new AbortController().signal;
  const behind = behindPage({ place: placeOf(fleet), now: Date.now, stopped }, options);
  const page = await servePage({ port: 0, token, behind: async () => behind });
  try {
    const cookie = await cookieOf(page);
    const said: Said[] = [];
    for (const path of [...PAGE_PATHS.map((one) => pathOf(one, words)), "/", "/main.js", "/api/nothing"]) {
      const { status, headers, text } = await askPage(page, path, { headers: { cookie } });
      said.push({ path, status, text: JSON.stringify(headers) + text });
    }
    const pushed = await new Promise<string>((resolve) => {
      let all = "";
      const end = behind.live.subscribe((name, text) => {
        all += `${name}: ${text}\n`;
        // The first look, its samples, and another look.
        if (name !== "change") return;
        resolve(all);
        setImmediate(() => end());
      });
    });
    said.push({ path: "/api/live", status: 200, text: pushed });
    return { said, secrets: [token, cookie.split("=")[1] ?? "", fleet.aws.credentials.secretAccessKey] };
  } finally {
    await page.close();
  }
}
