import { paginateScan } from "@aws-sdk/lib-dynamodb";
import { namesIn } from "../../functions/clients/conditions.ts";
import type { InstanceRecord, Status } from "../../functions/record/record.ts";
import { isCount, isInstanceId } from "../../protocol/index.ts";
import type { Context } from "../context.ts";
import { itemsIn } from "./items.ts";
import { isMoment } from "./well-formed.ts";

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
  "#id, #ec2InstanceId, #status, #ip, #agentVersion, #current.#generation, #current.#since, #rekey.#generation",
  "#dueAt, #verdict, #judgedAt, #lastProofAt, #failingSince, #waitingSince, #registeredAt, #retiredAt",
].join(", ");

export const PROJECTION = { ProjectionExpression: READ, ExpressionAttributeNames: namesIn(READ) };

/** What a read needs to know. It ends where it is stopped. */
export type Reading = Pick<Context, "place" | "out"> & { stopped?: AbortSignal };

/** All instances, the retired ones too, in no order. Pages of 1 MB; what was written a moment ago may be missing. */
export async function listInstances(context: Reading): Promise<Instance[]> {
  const client = itemsIn(context);
  const found: Instance[] = [];
  const scan = { TableName: context.place.names.instanceTable, ...PROJECTION };
  for await (const { Items = [] } of paginateScan({ client }, scan, { abortSignal: context.stopped })) {
    // Other items lie there, too.
    for (const item of Items) if (isInstanceId(item.id)) found.push(instanceFrom(item));
    context.out.progress(`${found.length} instances read`);
  }
  return found;
}

/**
 * An instance from what was read of its record. Somebody may have altered that: what has not the form that it must have is left
 * out, as what is not there.
 */
export function instanceFrom(item: Record<string, unknown>): Instance {
  const { current, rekey } = item as { current?: Partial<SealedSince>; rekey?: unknown };
  const texts = TEXTS.map((name) => [name, item[name]] as const).filter(([, value]) => typeof value === "string");
  const moments = MOMENTS.map((name) => [name, item[name]] as const).filter(([, value]) => isMoment(value));
  return {
    ec2InstanceId: "",
    ...(Object.fromEntries([...texts, ...moments]) as Pick<Instance, "id" | "status">),
    ...(isCount(current?.generation) && { generation: current.generation }),
    ...(isMoment(current?.since) && { keySince: current.since }),
    ...(rekey !== undefined && { isRekeyed: true }),
  };
}

type SealedSince = Pick<InstanceRecord["current"], "generation" | "since">;
const TEXTS = ["id", "ec2InstanceId", "status", "ip", "agentVersion", "verdict"] as const;
const MOMENTS = [
  ...["dueAt", "judgedAt", "lastProofAt", "failingSince", "waitingSince", "registeredAt", "retiredAt"],
] as const;
