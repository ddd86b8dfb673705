import type { Context } from "../context.ts";
import { RIGHTS } from "../contract.ts";
import { failureOf } from "../failure.ts";
import { accountOf, type Caller } from "../place/clients.ts";
import { storesOfSamples } from "../reads/samples.ts";
import { pageOutput } from "./output.ts";
import { readBeats } from "./read/beats.ts";
import { executionRoutes } from "./read/executions.ts";
import { readSnapshot } from "./read/snapshot.ts";
import { Live, type LiveTimes } from "./server/live.ts";
import type { Route } from "./server/routes.ts";
import { type ServedPage, servePage } from "./server/serve.ts";
import type { PlaceDocument } from "./wire/live.ts";

/** How a page is served. */
export interface OpenOptions {
  /** 0 takes any that is free. */
  port: number;
  /** Who has it is let in: 32 random bytes as text. */
  token: string;
  /** What whoever serves it lets it do beside looking, under `/here/`; nothing where it is left out. */
  acts?: readonly Route[];
  times: LiveTimes;
  /** How old the newest sample of an instance may be before it is looked for, in milliseconds. */
  freshMs: number;
}

/** Serves the page over a place. @throws whatever the system says of the port */
export function openPage(
  { place, now, stopped }: Pick<Context, "place" | "now" | "stopped">,
  { acts = [], times, freshMs, ...listening }: OpenOptions,
): Promise<ServedPage> {
  const out = pageOutput(() => undefined);
  const context: Context = { place, now, stopped, out };
  const said = (error: unknown) => failureOf(error, { command: "open", place, policy: RIGHTS.open.policy }).message;
  let called: Promise<Caller> | undefined;
  const series = async () => {
    called ??= accountOf(context);
    return storesOfSamples(context, await called);
  };
  const live = new Live(
    {
      snapshot: () => readSnapshot(context, now(), freshMs),
      beats: async (rows) => readBeats(rows, await series(), now(), freshMs),
      said,
    },
    times,
    now,
  );
  const document: PlaceDocument = { kind: place.kind, said: place.said, stack: place.stack, acts: acts.length > 0 };
  const routes: Route[] = [
    { method: "GET", path: "/api/place", answer: async () => document },
    ...executionRoutes(context),
    ...acts,
  ];
  return servePage({ ...listening, routes, live, said });
}
