import type { EventSink } from "../parts.ts";
import type { ExecutionRecord } from "./execution.ts";

/** The event that AWS raises on the default bus when an execution starts or ends. */
export function statusChange(record: ExecutionRecord): Parameters<EventSink["raise"]>[0] {
  const { output } = record;
  return {
    source: "aws.states",
    "detail-type": "Step Functions Execution Status Change",
    resources: [record.arn],
    detail: {
      executionArn: record.arn,
      stateMachineArn: record.machineArn,
      stateMachineVersionArn: record.versionArn,
      stateMachineAliasArn: record.aliasArn,
      name: record.name,
      status: record.status,
      startDate: record.started,
      stopDate: record.stopped,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus: ["FAILED", "TIMED_OUT", "ABORTED"].includes(record.status) ? "REDRIVABLE" : "NOT_REDRIVABLE",
      redriveStatusReason: reasonOf(record.status),
      input: record.input,
      inputDetails: { included: true },
      output,
      outputDetails: output === null ? null : { included: true },
      error: record.error,
      cause: record.cause,
    },
  };
}

function reasonOf(status: ExecutionRecord["status"]): string | null {
  if (status === "RUNNING") return "Execution is RUNNING and cannot be redriven";
  return status === "SUCCEEDED" ? "Execution is SUCCEEDED and cannot be redriven" : null;
}
