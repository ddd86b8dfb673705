import type { ServerResponse } from "node:http";
import type { Live } from "./live.ts";

/** A comment on the line, by which both sides notice that the other is gone. */
const ALIVE_MS = 5000;
/** A tab that has read nothing for so long is asleep: it comes back by itself, and is told everything then. */
const ASLEEP_MS = 30_000;

/**
 * Sends what is live, as server-sent events, until whoever reads is gone. Nothing is kept for one who reads too slowly: what
 * has changed meanwhile he is told at once, as it is when he is ready for more.
 */
export function sendLive(response: ServerResponse, live: Live): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write("retry: 1000\n\n");
  const send = (name: string, text: string) => void response.write(`event: ${name}\ndata: ${text}\n\n`);
  let isBehind = false;
  let slowSince: number | undefined;
  const end = live.subscribe((name, text) => {
    if (response.writableNeedDrain) isBehind = true;
    else send(name, text);
  });
  response.on("drain", () => {
    if (!isBehind) return;
    isBehind = false;
    for (const [name, text] of live.everything()) send(name, text);
  });
  const alive = setInterval(() => {
    if (!response.writableNeedDrain) {
      slowSince = undefined;
      response.write(":\n\n");
      return;
    }
    slowSince ??= performance.now();
    if (performance.now() - slowSince >= ASLEEP_MS) response.destroy();
  }, ALIVE_MS);
  response.once("close", () => {
    clearInterval(alive);
    end();
  });
}
