import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import type { ServedPage } from "../../operator/page/server/serve.ts";

export interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface Asking {
  method?: string;
  headers?: OutgoingHttpHeaders;
  /** Posted as it stands; with `unfinished`, what was said to be longer never comes. */
  body?: string;
  unfinished?: true;
}

/** Asks a page's server for a path just as it is written, with headers of one's choice, which no browser would let one choose. */
export function askPage(
  { port }: Pick<ServedPage, "port">,
  path: string,
  { method = "GET", headers = {}, body = "", unfinished }: Asking = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (data) => {
        text += data;
      });
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
        asked.destroy();
      });
      answer.on("error", reject);
    });
    asked.on("error", reject);
    if (unfinished) asked.write(body);
    else asked.end(body);
  });
}

/** Exchanges the token of a page's address for its cookie, as the page does. */
export async function cookieOf(page: ServedPage): Promise<string> {
  const token = new URL(page.address).hash.replace("#token=", "");
  const { status, headers } = await post(page, "/session", { token });
  if (status !== 200) throw new Error(`The page's server let nobody in: ${status}.`);
  return (headers["set-cookie"]?.[0] ?? "").split(";")[0] ?? "";
}

/** Posts as the page itself does. */
export function post(page: ServedPage, path: string, body: unknown, headers: OutgoingHttpHeaders = {}) {
  const origin = new URL(page.address).origin;
  return askPage(page, path, { method: "POST", headers: { origin, ...headers }, body: JSON.stringify(body) });
}
