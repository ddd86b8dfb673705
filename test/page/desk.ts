import { Live, type LiveTimes } from "../../operator/page/server/live.ts";
import type { Route } from "../../operator/page/server/routes.ts";
import { type ServedPage, servePage } from "../../operator/page/server/serve.ts";
import type { Beats, PlaceDocument, Snapshot } from "../../operator/page/wire/live.ts";

export interface DeskOptions {
  /** Asked at each look; what it throws is told as what AWS says, and so is what it notes. */
  snapshot: (note: (sentence: string) => void) => Snapshot | Promise<Snapshot>;
  beats?: () => Beats;
  /** How often it is looked, unless it is several times a second. */
  times?: LiveTimes;
  place?: Partial<PlaceDocument>;
  routes?: readonly Route[];
  port?: number;
  token?: string;
}

/** The page over what a test makes up: the real server, with nothing behind it. */
export function pageDesk({
  snapshot,
  beats,
  times = { lookMs: 100, beatMs: 100 },
  place,
  routes = [],
  port = 0,
  token = "t".repeat(43),
}: DeskOptions): Promise<ServedPage> {
  const said = (error: unknown) => (error as Error).message;
  const live = new Live({ snapshot: async (note) => snapshot(note), beats: async () => beats?.() ?? {}, said }, times);
  const document: PlaceDocument = {
    kind: "here",
    said: "on this computer (npm start)",
    acts: false,
    ...place,
  };
  const ofPlace: Route = { method: "GET", path: "/api/place", answer: async () => document };
  return servePage({ port, token, behind: async () => ({ live, said, routes: [ofPlace, ...routes] }) });
}
