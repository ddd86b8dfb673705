import type { ExecutionListItem, SFNClient } from "@aws-sdk/client-sfn";
import type { Account, Place } from "../../place/place.ts";
import type { ExecutionRow, ListedFlow } from "../wire/executions.ts";
import { aboutOf } from "./executions-arn.ts";

/** What reads executions: the client, and where they are, as AWS says. */
export interface Executions {
  sfn: SFNClient;
  account(): Promise<Account>;
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
