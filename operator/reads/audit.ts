import { DynamoDBClient, QueryCommand, ScanCommand, type ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import { dynamoAudit, lineFrom } from "../../functions/clients/audit.dynamodb.ts";
import { SEALS } from "../../functions/clients/audit.ts";
import { namesIn } from "../../functions/clients/conditions.ts";
import { type AuditLine, CheckedSeals } from "../../protocol/index.ts";
import type { Context } from "../context.ts";
import { clientIn } from "../place/clients.ts";

type Reading = Pick<Context, "place" | "out" | "stopped">;

/** The lines of one subject, in their order. */
export interface Chain {
  subject: string;
  lines: AuditLine[];
}

/** So many seals at once: each may hold ten thousand heads and more, of which most are dropped again. */
const SEALS_AT_ONCE = 1;

/** All that a line is: of the pages of the seals' heads, which lie in the same table, nothing that is large. */
const LINE = "#subject, #n, #timeMs, #act, #details, #previous, #digest";

/**
 * All seals, checked; read consistently, one after the other. They are to be read before the lines: what is sealed later is no
 * line that is missing.
 *
 * @param isMeant of whom the sealed heads are kept: of all where it is left out
 */
export async function readSeals(context: Reading, isMeant?: (subject: string) => boolean): Promise<CheckedSeals> {
  const audit = dynamoAudit(clientIn(DynamoDBClient, context), context.place.names.auditTable);
  const seals = new CheckedSeals(isMeant);
  let after: number | undefined;
  do {
    context.stopped.throwIfAborted();
    const page = await audit.seals({ after, limit: SEALS_AT_ONCE });
    for (const seal of page.seals) seals.add(seal);
    context.out.progress(`${seals.count} seals read`);
    after = page.next;
  } while (after !== undefined);
  return seals;
}

/** The lines of one subject in their order, read consistently; a page of 1 MB is a thousand or two of them. */
export async function readLines(context: Reading, subject: string): Promise<AuditLine[]> {
  const audit = dynamoAudit(clientIn(DynamoDBClient, context), context.place.names.auditTable);
  const lines: AuditLine[] = [];
  let after: number | undefined;
  do {
    context.stopped.throwIfAborted();
    const page = await audit.lines(subject, { after });
    lines.push(...page.lines);
    context.out.progress(`${lines.length} lines read`);
    after = page.next;
  } while (after !== undefined);
  return lines;
}

/**
 * The last lines of a subject in their order, by one call: a page of 1 MB, which is a thousand or two, whatever came before.
 *
 * @param most how many at the most, where fewer than a page are wanted
 */
export async function readLastLines(context: Reading, subject: string, most?: number): Promise<AuditLine[]> {
  const condition = "#subject = :subject";
  const { Items = [] } = await clientIn(DynamoDBClient, context).send(
    new QueryCommand({
      ...{ TableName: context.place.names.auditTable, KeyConditionExpression: condition, ConsistentRead: true },
      ...{ ExpressionAttributeNames: namesIn(condition), ExpressionAttributeValues: { ":subject": { S: subject } } },
      ScanIndexForward: false,
      ...(most !== undefined && { Limit: most }),
    }),
    { abortSignal: context.stopped },
  );
  return Items.map(lineFrom).reverse();
}

/** The chains of all subjects, one after the other: the whole table, by one Scan, a page of 1 MB at a time. */
export function readChains(context: Reading): AsyncGenerator<Chain> {
  return chainsOf(pagesOf(context), (subject) => readLines(context, subject));
}

async function* pagesOf(context: Reading): AsyncGenerator<AuditLine[]> {
  const client = clientIn(DynamoDBClient, context);
  let count = 0;
  let from: ScanCommandOutput["LastEvaluatedKey"];
  do {
    const page: ScanCommandOutput = await client.send(
      new ScanCommand({
        ...{ TableName: context.place.names.auditTable, ConsistentRead: true },
        ...{ ProjectionExpression: LINE, ExpressionAttributeNames: namesIn(LINE), ExclusiveStartKey: from },
      }),
      { abortSignal: context.stopped },
    );
    const lines = (page.Items ?? []).map(lineFrom).filter(({ subject }) => !subject.startsWith(SEALS));
    count += lines.length;
    context.out.progress(`${count} audit lines read`);
    yield lines;
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
}

/**
 * Lines as they come, gathered by subject. A Scan gives the lines of a subject behind each other and in order, so that those of
 * one are in memory at a time; DynamoDB does not promise it. So a subject that comes again is read by itself at the end, and
 * given once more, whole.
 *
 * @param readAgain gives all lines of a subject
 */
export async function* chainsOf(
  pages: AsyncIterable<AuditLine[]>,
  readAgain: (subject: string) => Promise<AuditLine[]>,
): AsyncGenerator<Chain> {
  const given = new Set<string>();
  const torn = new Set<string>();
  let chain: Chain | undefined;
  for await (const page of pages) {
    for (const line of page) {
      if (chain?.subject === line.subject) {
        chain.lines.push(line);
        continue;
      }
      if (chain !== undefined) yield chain;
      if (given.has(line.subject)) torn.add(line.subject);
      given.add(line.subject);
      chain = { subject: line.subject, lines: [line] };
    }
  }
  if (chain !== undefined) yield chain;
  for (const subject of torn) yield { subject, lines: await readAgain(subject) };
}
