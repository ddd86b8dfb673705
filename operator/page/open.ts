import { loadSharedConfigFiles } from "@smithy/core/config";
import type { Context } from "../context.ts";
import { RIGHTS } from "../contract.ts";
import { failureOf } from "../failure.ts";
import { accountOf, type Caller, forgetNotes } from "../place/clients.ts";
import { findRunning } from "../place/running.ts";
import { storesOfSamples } from "../reads/samples.ts";
import { pageOutput } from "./output.ts";
import { auditRoutes } from "./read/audit.ts";
import { readBeats } from "./read/beats.ts";
import { executionRoutes } from "./read/executions.ts";
import { lifeRoutes } from "./read/life.ts";
import { mailRoutes } from "./read/mails.ts";
import { runbookRoutes } from "./read/runbook.ts";
import { snapshotReader } from "./read/snapshot.ts";
import { Live, type LiveTimes } from "./server/live.ts";
import type { Route } from "./server/routes.ts";
import { type Behind, type ServedPage, servePage } from "./server/serve.ts";
import type { PlaceDocument } from "./wire/live.ts";

/** How what is behind a page is looked at. */
export interface LookOptions {
  /** What whoever serves it lets it do beside looking, under `/here/`; nothing where it is left out. */
  acts?: readonly Route[];
  times: LiveTimes;
  /** How old the newest sample of an instance may be before it is looked for, in milliseconds. */
  freshMs: number;
}

type Given = Pick<Context, "place" | "now" | "stopped">;

/**
 * Serves the page over a place, once that has answered.
 *
 * @param listening where (0 takes any port that is free), and the token by which one is let in, 32 random bytes as text
 * @throws what AWS says to the first look, and whatever the system says of the port
 */
export async function openPage(
  given: Given,
  listening: { port: number; token: string },
  options: LookOptions,
): Promise<ServedPage> {
  const behind = behindPage(given, options);
  await behind.lookFirst();
  return servePage({ ...listening, behind: async () => behind });
}

/** All that the page shows of a place. Nothing is read before somebody looks. */
export function behindPage(given: Given, { acts = [], times, freshMs }: LookOptions): Behind & Looks {
  const { now } = given;
  let onNote: (sentence: string) => void = () => undefined;
  const out = pageOutput((sentence) => onNote(sentence));
  let { place } = given;
  // A getter, since an `npm start` may end, and begin anew elsewhere.
  const context: Context = {
    ...{ now, out, stopped: given.stopped },
    get place() {
      return place;
    },
  };
  const said = (error: unknown) => failureOf(error, { command: "open", place, policy: RIGHTS.open.policy }).message;

  /**
   * What failed may have failed since `npm start` runs anew, elsewhere. On an account somebody may have signed in again since: of a
   * place that is new the credentials are asked for again.
   */
  const findAnew = async () => {
    // What the SDK has read of these it keeps.
    await loadSharedConfigFiles({ ignoreCache: true }).catch(() => undefined);
    const running = place.kind === "here" ? findRunning(place.data) : undefined;
    place = { ...place, ...(running !== undefined && { region: running.region, running }) };
  };

  let called: { of: Context["place"]; caller: Caller } | undefined;
  const caller = async () => {
    const of = place;
    if (called?.of !== of) called = { of, caller: await accountOf(context) };
    return called.caller;
  };

  const readSnapshot = snapshotReader();
  const look = async (note: (sentence: string) => void) => {
    onNote = note;
    forgetNotes(out);
    try {
      return await readSnapshot(context, caller, now(), freshMs);
    } catch (error) {
      await findAnew();
      throw error;
    }
  };

  const live = new Live(
    {
      snapshot: look,
      beats: async (rows) => readBeats(rows, storesOfSamples(context, await caller()), now(), freshMs),
      said,
    },
    times,
    now,
  );
  const document: PlaceDocument = { kind: place.kind, said: place.said, acts: acts.length > 0 };
  const routes: Route[] = [
    { method: "GET", path: "/api/place", answer: async () => document },
    ...lifeRoutes(context, caller),
    ...executionRoutes(context, caller),
    ...auditRoutes(context, caller),
    ...mailRoutes(context),
    ...runbookRoutes(),
    ...acts,
  ];
  return { routes, live, said, lookFirst: async () => live.takeFirst(await look(() => undefined)) };
}

interface Looks {
  /** Looks once, before anybody does. @throws what AWS says */
  lookFirst(): Promise<void>;
}
