import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import {
  type ExecutionListItem,
  type HistoryEvent,
  paginateGetExecutionHistory,
  paginateListExecutions,
  SFNClient,
} from "@aws-sdk/client-sfn";
import { type Command, paginateListCommands, SSMClient } from "@aws-sdk/client-ssm";
import { paginateQuery, TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { MACHINE_ARN, NAMES } from "./deployment.ts";
import { configFor } from "./load.ts";

/** Everything that a folder's embedded AWS holds of the load, as its APIs tell. */
export interface Holdings {
  executions: { item: ExecutionListItem; history: HistoryEvent[] }[];
  commands: Command[];
  /** The texts of the mails that arrived. */
  mails: string[];
  records: string[];
  counter: number;
  samples: string[];
}

/** What is still to be done: executions, commands, and what is on its way between services. */
export function openWork(folder: string): number {
  const db = new DatabaseSync(join(folder, "aws.sqlite"), { readOnly: true });
  try {
    const count = (sql: string) => Number(db.prepare(`SELECT count(*) AS n FROM ${sql}`).get()?.n);
    return (
      count("sfn_executions WHERE status = 'RUNNING'") +
      count("ssm_commands WHERE status IN ('Pending', 'InProgress')") +
      count("events_deliveries") +
      count("lambda_async") +
      count("mail_outbox")
    );
  } finally {
    db.close();
  }
}

/** What fell out between services: there must be none. */
export function deadLetters(folder: string): number {
  const db = new DatabaseSync(join(folder, "aws.sqlite"), { readOnly: true });
  try {
    const count = (table: string) => Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
    return count("events_undelivered") + count("lambda_dead_letters");
  } finally {
    db.close();
  }
}

/** Reads everything through the AWS SDK, and the mails from the inbox's table. */
export async function holdings(folder: string, endpoint: string): Promise<Holdings> {
  const config = configFor(endpoint);
  const sfn = new SFNClient(config);
  const items: ExecutionListItem[] = [];
  for await (const page of paginateListExecutions({ client: sfn }, { stateMachineArn: MACHINE_ARN })) {
    items.push(...(page.executions ?? []));
  }
  const executions: Holdings["executions"] = [];
  for (const item of items) {
    const history: HistoryEvent[] = [];
    const input = { executionArn: item.executionArn };
    for await (const page of paginateGetExecutionHistory({ client: sfn }, input)) history.push(...(page.events ?? []));
    executions.push({ item, history });
  }
  const commands: Command[] = [];
  for await (const page of paginateListCommands({ client: new SSMClient(config) }, {})) {
    commands.push(...(page.Commands ?? []));
  }
  const ids: string[] = [];
  let counter = 0;
  for await (const page of paginateScan({ client: new DynamoDBClient(config) }, { TableName: NAMES.records })) {
    for (const { id, n } of page.Items ?? []) {
      if (id?.S === "counter") counter = Number(n?.N);
      else ids.push(id?.S ?? "");
    }
  }
  const samples: string[] = [];
  const QueryString = `SELECT name FROM "${NAMES.database}"."${NAMES.series}"`;
  for await (const page of paginateQuery({ client: new TimestreamQueryClient(config) }, { QueryString })) {
    samples.push(...(page.Rows ?? []).map((row) => row.Data?.[0]?.ScalarValue ?? ""));
  }
  return { executions, commands, mails: mailsIn(folder), records: ids, counter, samples };
}

function mailsIn(folder: string): string[] {
  const db = new DatabaseSync(join(folder, "aws.sqlite"), { readOnly: true });
  try {
    return db
      .prepare("SELECT text FROM mail_inbox")
      .all()
      .map(({ text }) => String(text).replaceAll('"', "").trim());
  } finally {
    db.close();
  }
}

/** What is there other than exactly once, or is missing altogether. */
export function lostOrDoubled(
  expected: Iterable<string>,
  found: readonly string[],
): { lost: string[]; doubled: string[] } {
  const counts = new Map<string, number>();
  for (const name of found) counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    lost: [...expected].filter((name) => !counts.has(name)),
    doubled: [...counts].filter(([, count]) => count > 1).map(([name]) => name),
  };
}
