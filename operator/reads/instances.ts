import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateScan } from "@aws-sdk/lib-dynamodb";
import type { InstanceRecord, Status } from "../../functions/record/record.ts";
import { isInstanceId } from "../../protocol/index.ts";
import type { Context } from "../context.ts";
import { clientIn } from "../place/clients.ts";

/** An instance as its record has it, without anything of its keys but their generation. Times are milliseconds since 1970. */
export interface Instance {
  id: string;
  ec2InstanceId: string;
  status: Status;
  ip?: string;
  agentVersion?: string;
  /** The generation of its current key, and since when it is that. */
  generation?: number;
  keySince?: number;
  /** When its key is to be turned next. */
  dueAt?: number;
  /** What was found last, and when its proofs were last judged. */
  verdict?: string;
  judgedAt?: number;
  lastProofAt?: number;
  failingSince?: number;
  waitingSince?: number;
  registeredAt?: number;
  retiredAt?: number;
  /** Whether a rekey stands. */
  isRekeyed?: boolean;
}

/** What is read of a record: nothing of its keys but their generation, so that nothing else can be shown by mistake. */
const READ = [
  ...["id", "ec2InstanceId", "status", "ip", "agentVersion", "current.generation", "current.since", "rekey.generation"],
  ...["dueAt", "verdict", "judgedAt", "lastProofAt", "failingSince", "waitingSince", "registeredAt", "retiredAt"],
];

/** As DynamoDB takes it, since `status` is one of its words, and others may become one. */
export const PROJECTION = {
  ProjectionExpression: READ.map((path) => path.replace(/\w+/g, "#$&")).join(", "),
  ExpressionAttributeNames: Object.fromEntries(
    READ.flatMap((path) => path.split(".")).map((name) => [`#${name}`, name]),
  ),
};

/** All instances, the retired ones too, in no order. Pages of 1 MB; what was written a moment ago may be missing. */
export async function listInstances(context: Pick<Context, "place" | "out">): Promise<Instance[]> {
  const client = DynamoDBDocumentClient.from(clientIn(DynamoDBClient, context));
  const found: Instance[] = [];
  const scan = { TableName: context.place.names.instanceTable, ...PROJECTION };
  for await (const { Items = [] } of paginateScan({ client }, scan)) {
    found.push(...Items.filter(({ id }) => isInstanceId(id)).map(instanceFrom));
    context.out.progress(`${found.length} instances read`);
  }
  return found;
}

/** An instance from what was read of its record. */
export function instanceFrom(item: Record<string, unknown>): Instance {
  const { current, rekey, ...rest } = item as unknown as InstanceRecord;
  return {
    ...rest,
    ...(current !== undefined && { generation: current.generation, keySince: current.since }),
    ...(rekey !== undefined && { isRekeyed: true }),
  };
}
