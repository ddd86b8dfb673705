import type { ExecutionListItem, SFNClient } from "@aws-sdk/client-sfn";
import type { Caller } from "../../place/clients.ts";
import type { Place } from "../../place/place.ts";
import type { ExecutionRow } from "../wire/executions.ts";
import { aboutOf, type ListedFlow } from "./executions-arn.ts";

/** What reads executions: the client, and who calls, who is asked for once. */
export interface Executions {
  sfn: SFNClient;
  caller(): Promise<Caller>;
  place: Place;
}

/** An execution as it is listed. */
export function rowOf(flow: ListedFlow, listed: ExecutionListItem): ExecutionRow {
  const { executionArn: arn = "", name = "", status = "RUNNING", startDate, stopDate } = listed;
  const about = aboutOf({ flow, name });
  return {
    ...{ arn, flow, name, status, startedAt: startDate?.getTime() ?? 0 },
    ...(stopDate !== undefined && { stoppedAt: stopDate.getTime() }),
    ...(about !== undefined && { about }),
  };
}
