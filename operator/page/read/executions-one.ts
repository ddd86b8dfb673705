import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  DescribeStateMachineForExecutionCommand,
  ExecutionDoesNotExist,
  ListExecutionsCommand,
} from "@aws-sdk/client-sfn";
import { consoleLink } from "../../../functions/telling/console-link.ts";
import { refused } from "../../exits.ts";
import { type Scope, scopeWith } from "../flow/definition.ts";
import { failureIn } from "../flow/failure.ts";
import { graphOf } from "../flow/graph.ts";
import type { Happening } from "../flow/happening.ts";
import { objectIn } from "../flow/json.ts";
import { stepsOf } from "../flow/steps.ts";
import { type Way, wayOf } from "../flow/way.ts";
import { wayInWords } from "../flow/words.ts";
import type { Route } from "../server/routes.ts";
import type { ExecutionDocument, ExecutionRow } from "../wire/executions.ts";
import { type ExecutionName, executionNamed } from "./executions-arn.ts";
import { eventRows, readHistory } from "./executions-history.ts";
import { indented, leaveOutTokens } from "./executions-json.ts";
import { type Executions, rowOf } from "./executions-rows.ts";

/** So much of an execution's input and output is shown. */
const LONGEST_DATA = 20_000;
/** So many executions of a Map's items are listed. */
const MOST_ITEMS = 100;
/** Of so many executions the definition is remembered: it is the same for as long as one is looked at. */
const REMEMBERED = 50;

/** One execution: what it came to, the definition that it ran with and the way it took through that. */
export function executionRoute(here: () => Executions): Route {
  const definitions = new Map<string, Scope>();
  return {
    method: "GET",
    path: "/api/execution/:arn",
    async answer({ params: { arn = "" } }) {
      const executions = here();
      const named = executionNamed(arn, executions.place, await executions.account());
      const said = await describe(arn, executions);
      const [definition, { events, isCut }] = await Promise.all([
        definitionOf(arn, definitions, executions),
        readHistory(arn, executions.sfn),
      ]);
      const way = wayOf(events);
      const items = await readItems(named, way, executions);
      return leaveOutTokens({ ...documentOf({ arn, named, said, definition, events, way }), ...items, isCut });
    },
  };
}

async function describe(executionArn: string, { sfn, place }: Executions): Promise<DescribeExecutionOutput> {
  try {
    return await sfn.send(new DescribeExecutionCommand({ executionArn }));
  } catch (error) {
    if (!(error instanceof ExecutionDoesNotExist)) throw error;
    throw refused(
      `There is no execution ${executionArn} ${place.said}: it was never started, or its history is gone, as it is 90 days after its end. Audit lines are kept longer.`,
    );
  }
}

async function definitionOf(executionArn: string, remembered: Map<string, Scope>, { sfn }: Executions): Promise<Scope> {
  const known = remembered.get(executionArn);
  if (known !== undefined) return known;
  const { definition = "" } = await sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
  const scope: Scope = JSON.parse(definition);
  remembered.set(executionArn, scope);
  const [oldest] = remembered.keys();
  if (oldest !== undefined && remembered.size > REMEMBERED) remembered.delete(oldest);
  return scope;
}

interface Read {
  arn: string;
  named: ExecutionName;
  said: DescribeExecutionOutput;
  definition: Scope;
  events: Happening[];
  way: Way;
}

function documentOf({ arn, named, said, definition, events, way }: Read) {
  const { status = "RUNNING", startDate, stopDate, input = "", output, error, cause } = said;
  const failure = failureIn({ status, error, cause }, way);
  // The item of a Map goes through that part of the definition only which is inside of the Map.
  const scope = named.map === undefined ? definition : scopeWith(definition, way.visits[0]?.state ?? "");
  return {
    ...{ arn, flow: named.flow, name: named.name, status, startedAt: startDate?.getTime() ?? 0 },
    ...(stopDate !== undefined && { stoppedAt: stopDate.getTime() }),
    ...(failure !== undefined && { failure }),
    ...askedBy(input),
    input: indented(input, LONGEST_DATA),
    ...(output !== undefined && { output: indented(output, LONGEST_DATA) }),
    ...{ graph: graphOf(scope ?? definition, way), steps: stepsOf(way), events: eventRows(events, way) },
    ...{ way: wayInWords(way), link: consoleLink(arn) },
  } satisfies Partial<ExecutionDocument>;
}

const CLAIMED = ["requestedBy", "trigger", "run", "reason", "act"] as const;
const LONGEST_CLAIM = 200;

/** Whom it is about, and who asked, as its input claims. An event's has that in its detail. */
function askedBy(input: string): Pick<ExecutionDocument, "asked" | "id" | "secret"> {
  const given = objectIn(input);
  const { detail } = given;
  const all: Record<string, unknown> = { ...(typeof detail === "object" ? detail : {}), ...given };
  const claim = (name: string) => {
    const value = all[name];
    return typeof value === "string" && value !== "" ? { [name]: value.slice(0, LONGEST_CLAIM) } : {};
  };
  const claims = CLAIMED.map(claim);
  return { ...claim("id"), ...claim("secret"), asked: Object.assign({}, ...claims) };
}

/** The executions of the items of its last Map Run. */
async function readItems(
  { flow }: ExecutionName,
  { visits }: Way,
  { sfn }: Executions,
): Promise<{ items: ExecutionRow[]; hasMoreItems: boolean }> {
  const mapRunArn = visits.findLast(({ mapRun }) => mapRun !== undefined)?.mapRun;
  if (mapRunArn === undefined) return { items: [], hasMoreItems: false };
  const { executions = [], nextToken } = await sfn.send(
    new ListExecutionsCommand({ mapRunArn, maxResults: MOST_ITEMS }),
  );
  return { items: executions.map((one) => rowOf(flow, one)), hasMoreItems: nextToken !== undefined };
}
