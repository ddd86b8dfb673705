import { ListExecutionsCommand, SFNClient, StateMachineDoesNotExist } from "@aws-sdk/client-sfn";
import * as z from "zod/mini";
import type { Context } from "../../context.ts";
import { misused } from "../../exits.ts";
import { clientIn } from "../../place/clients.ts";
import type { Account } from "../../place/place.ts";
import type { Route } from "../server/routes.ts";
import {
  type ExecutionRow,
  type ExecutionStatus,
  type ExecutionsDocument,
  LISTED_FLOWS,
  type ListedFlow,
  STATUSES,
} from "../wire/executions.ts";
import { listedFlow, machineArnIn } from "./executions-arn.ts";
import { executionRoute } from "./executions-one.ts";
import { type Executions, rowOf } from "./executions-rows.ts";

/** How many of each flow are read at once. */
const AT_ONCE = 25;

/**
 * What the page asks for of executions: the list of them, and each.
 *
 * @param context whose place may be another one later, as an `npm start` that runs anew is
 * @param account where it is, as AWS says
 */
export function executionRoutes(context: Pick<Context, "place" | "out">, account: () => Promise<Account>): Route[] {
  let kept: Executions | undefined;
  const executions = () => {
    const { place } = context;
    if (kept?.place !== place) kept = { sfn: clientIn(SFNClient, context), account, place };
    return kept;
  };
  return routesOver(executions);
}

/** The same, over whatever reads them. */
export function routesOver(executions: () => Executions): Route[] {
  return [
    { method: "GET", path: "/api/executions", answer: ({ query }) => listExecutions(query, executions()) },
    executionRoute(executions),
  ];
}

/** Where the next page begins: after which execution, and on which of AWS's pages of each flow; of a flow that is not named nothing is left. */
const cursorForm = z.object({
  before: z.number(),
  /** Those that began just then, and were given already. */
  given: z.array(z.string()),
  pages: z.partialRecord(z.enum(LISTED_FLOWS), z.union([z.string(), z.null()])),
});
type Cursor = z.infer<typeof cursorForm>;

/**
 * A page of the executions of one flow, or of all: the newest first. A flow that is not deployed is left out. Of several flows, only
 * so many are given as are certain to be the newest: those that began after the last that was read of each flow.
 */
async function listExecutions(query: URLSearchParams, executions: Executions): Promise<ExecutionsDocument> {
  const { place } = executions;
  const asked = query.get("flow") || undefined;
  const status = statusIn(query.get("status") || undefined);
  const cursor = cursorIn(query.get("after") || undefined);
  const wanted = asked === undefined ? LISTED_FLOWS : [listedFlow(asked, place)];
  const flows = cursor === undefined ? wanted : wanted.filter((flow) => cursor.pages[flow] !== undefined);
  const read = await Promise.all(flows.map((flow) => readPage(flow, { status, cursor }, executions)));
  const pages = read.filter(isPage);
  const refusals = read.filter((page) => !isPage(page));
  const isUnknown = asked !== undefined && refusals[0] instanceof StateMachineDoesNotExist;
  // Where all of them are refused, none of them is left out for not being there: nothing of Keyturn is, or it may not be listed.
  if (pages.length === 0 && refusals[0] !== undefined && !isUnknown) throw refusals[0];
  const certainFrom = Math.max(
    0,
    ...pages.map(({ rows, next }) => (next === undefined ? 0 : (rows.at(-1)?.startedAt ?? 0))),
  );
  const isNew = ({ startedAt, arn }: ExecutionRow) =>
    cursor === undefined || startedAt < cursor.before || (startedAt === cursor.before && !cursor.given.includes(arn));
  const rows = pages
    .flatMap((page) => page.rows)
    .filter((row) => isNew(row) && row.startedAt >= certainFrom)
    .sort((one, other) => other.startedAt - one.startedAt);
  const rest = pages.flatMap(({ flow, rows: ofFlow, next, token }): [ListedFlow, string | null][] => {
    if (ofFlow.some(({ startedAt }) => startedAt < certainFrom)) return [[flow, token]];
    return next === undefined ? [] : [[flow, next]];
  });
  const before = rows.at(-1)?.startedAt ?? cursor?.before ?? certainFrom;
  const given = [
    ...(cursor?.before === before ? cursor.given : []),
    ...rows.flatMap(({ startedAt, arn }) => (startedAt === before ? [arn] : [])),
  ];
  return {
    ...{ executions: rows, flows: pages.map(({ flow }) => flow), registrationLog: place.names.registrationLog },
    ...(rest.length > 0 && { after: written({ before, given, pages: Object.fromEntries(rest) }) }),
  };
}

interface Page {
  flow: ListedFlow;
  rows: ExecutionRow[];
  /** By which it was read, and the one after it is. */
  token: string | null;
  next: string | undefined;
}

const isPage = (read: Page | Error): read is Page => !(read instanceof Error);

/** What AWS says where there is no such flow: nobody has a right to one that is not deployed. */
async function readPage(
  flow: ListedFlow,
  { status, cursor }: { status: ExecutionStatus | undefined; cursor: Cursor | undefined },
  { sfn, account, place }: Executions,
): Promise<Page | Error> {
  const token = cursor?.pages[flow] ?? null;
  const command = new ListExecutionsCommand({
    ...{ stateMachineArn: machineArnIn(place, await account(), flow), maxResults: AT_ONCE },
    ...(status !== undefined && { statusFilter: status }),
    ...(token !== null && { nextToken: token }),
  });
  try {
    const { executions = [], nextToken } = await sfn.send(command);
    return { flow, rows: executions.map((one) => rowOf(flow, one)), token, next: nextToken };
  } catch (error) {
    if (error instanceof StateMachineDoesNotExist || isDenied(error)) return error as Error;
    throw error;
  }
}

const isDenied = (error: unknown) => error instanceof Error && error.name === "AccessDeniedException";

function statusIn(text: string | undefined): ExecutionStatus | undefined {
  const status = STATUSES.find((one) => one === text);
  if (text !== undefined && status === undefined) throw misused(`The status is one of ${STATUSES.join(", ")}.`);
  return status;
}

function written(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

function cursorIn(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  try {
    return cursorForm.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  } catch {
    throw misused("The page after which to go on is not one that was given: begin with the newest.");
  }
}
