import { refused } from "../../../operator/exits.ts";
import { runbookRoutes } from "../../../operator/page/read/runbook.ts";
import type { Route } from "../../../operator/page/server/routes.ts";
import type { Snapshot } from "../../../operator/page/wire/live.ts";
import type { DeskOptions } from "../desk.ts";
import { credentialsOf } from "./credentials.ts";
import { executionOf, executionsOf, noExecutions } from "./executions.ts";
import { beatsOf, fleetOf } from "./instances.ts";
import { lifeOf, lifeOfCredential, nobody, samplesOf } from "./life.ts";
import { DATABASE, MINUTE, SECOND } from "./names.ts";
import { auditOf, mailsOf } from "./papers.ts";
import { playRoutes } from "./plays.ts";
import { manyStanding, standingOf } from "./standing.ts";

/**
 * `empty`: just deployed. `usual`: twelve instances, of which one was tampered with and six are silent. `full`: as many tiles as there
 * may be, and long lists. `crowd`: 5,000 instances.
 */
export type State = "empty" | "usual" | "full" | "crowd";

/** A deployment that a test makes up: what the page is told of it, and how AWS is to it. */
export interface World {
  /** For `pageDesk`. */
  options: DeskOptions;
  /** What is told at the next look; a test alters it. */
  snapshot: Snapshot;
  /** What AWS says in the place of an answer, to everything; empty where it answers. */
  failing: string;
  /** What is said beside each answer, as that AWS throttles; empty where nothing is. */
  noting: string;
}

const SIZES = {
  empty: { instances: 0, standing: 0, executions: 0, lines: 1, mails: 0, events: 0, consumers: 0 },
  usual: { instances: 12, standing: 3, executions: 20, lines: 12, mails: 4, events: 0, consumers: 6 },
  full: { instances: 500, standing: 40, executions: 600, lines: 1500, mails: 300, events: 60, consumers: 90 },
  crowd: { instances: 5000, standing: 3, executions: 20, lines: 12, mails: 4, events: 0, consumers: 6 },
} as const;

/** @param readOnly without what the page may do here, as on an account */
export function madeUp(state: State, now: number, { readOnly = false } = {}): World {
  const size = SIZES[state];
  const instances = fleetOf(size.instances, now);
  const snapshot: Snapshot = {
    ...{ readAt: now, instances, freshMs: 5 * MINUTE },
    standing: size.standing > 3 ? manyStanding(size.standing, now) : size.standing > 0 ? standingOf(now) : [],
    credentials: state === "empty" ? [] : credentialsOf(now, { many: size.consumers }),
  };
  const acts = readOnly ? [] : playRoutes(now, { isFresh: state === "empty" });
  const world: World = {
    ...{ snapshot, failing: "", noting: "" },
    options: {
      async snapshot(note) {
        if (world.failing !== "") throw new Error(world.failing);
        if (world.noting !== "") note(world.noting);
        return { ...world.snapshot, readAt: Date.now() };
      },
      beats: () => beatsOf(world.snapshot.instances, Date.now()),
      place: readOnly
        ? { kind: "aws", said: "account 123456789012, eu-central-1", acts: false }
        : { kind: "here", said: "on this computer (npm start)", acts: true },
      routes: [...readRoutes(state, now, instances), ...acts].map((route) => failingAs(route, () => world.failing)),
    },
  };
  return world;
}

function failingAs(route: Route, failing: () => string): Route {
  return {
    ...route,
    async answer(asked) {
      if (failing() !== "") throw new Error(failing());
      return route.answer(asked);
    },
  };
}

function readRoutes(state: State, now: number, instances: Snapshot["instances"]): Route[] {
  const size = SIZES[state];
  const { list, mails } = mailsOf(size.mails, now);
  const get = (path: string, answer: Route["answer"]): Route => ({ method: "GET", path, answer });
  return [
    get("/api/life/:subject", async ({ params: { subject = "" } }) => {
      const row = instances.find(({ id }) => id === subject);
      if (row !== undefined) return lifeOf(row, now);
      return subject === DATABASE && state !== "empty" ? lifeOfCredential(now) : nobody(subject);
    }),
    get("/api/samples/:id", async ({ params: { id }, query }) => {
      const { generation = 1 } = instances.find((one) => one.id === id) ?? {};
      const to = Number(query.get("to") ?? Date.now());
      const window = { from: Number(query.get("from") ?? 0), to };
      return samplesOf(window, { generation, everyMs: 2 * SECOND, most: 2000 });
    }),
    get("/api/executions", async () => (size.executions === 0 ? noExecutions() : executionsOf(size.executions, now))),
    get("/api/execution/:arn", async ({ params: { arn = "" } }) => {
      if (state === "empty") throw refused(`There is no execution ${arn}: its history is gone 90 days after its end.`);
      return executionOf(arn, now, { more: size.events });
    }),
    get("/api/audit/:subject", async ({ params: { subject = "" } }) => {
      if (state === "empty") throw refused(`There is no audit line of ${subject}.`);
      return auditOf(subject, now, { count: size.lines, holds: subject !== DATABASE });
    }),
    ...runbookRoutes(),
    get("/api/mails", async () => list),
    get("/api/mails/:number", async ({ params: { number } }) => {
      const mail = mails.find((one) => one.number === Number(number));
      if (mail === undefined) throw refused(`There is no mail ${number}.`);
      return mail;
    }),
  ];
}
