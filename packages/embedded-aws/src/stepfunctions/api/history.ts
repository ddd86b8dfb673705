import type { Operation } from "../../http/service.ts";
import { pageToken, readPage } from "../../page.ts";
import type { Engine } from "../engine.ts";
import type { HistoryEvent } from "../execution.ts";
import { invalidToken } from "../refusals.ts";
import { pageSize, seconds } from "./check.ts";
import { findExecution } from "./executions.ts";

type Input = Record<string, unknown>;

/** What is left out of events where the caller does not want execution data. */
const DATA = ["input", "output", "parameters", "assignedVariables"];

/** GetExecutionHistory. */
export function historyOperations(engine: Engine): Record<string, Operation> {
  return {
    GetExecutionHistory(input: Input) {
      const { id } = findExecution(engine, input.executionArn);
      const limit = pageSize(input.maxResults);
      const backwards = input.reverseOrder === true;
      const listing = `history ${id} ${backwards}`;
      const skipped = Number(readPage(input.nextToken, listing, invalidToken()) ?? 0);
      const newest = engine.executions.newestEvent(id);
      const from = backwards ? newest - skipped - limit + 1 : skipped + 1;
      const page = engine.executions.history(id, from, from + limit - 1);
      if (backwards) page.reverse();
      return {
        events: page.map((event) => written(event, input.includeExecutionData !== false)),
        ...(skipped + limit < newest && { nextToken: pageToken(listing, skipped + limit) }),
      };
    },
  };
}

/** An event as the API writes it. */
export function written({ details, timestamp, ...event }: HistoryEvent, withData = true): Record<string, unknown> {
  const moment = seconds(timestamp);
  if (details === undefined) return { timestamp: moment, ...event };
  const [member, value] = details;
  const kept = Object.entries(value).filter(([name]) => withData || !DATA.includes(name));
  return { timestamp: moment, ...event, [member]: Object.fromEntries(kept) };
}
