import { paginateScan } from "@aws-sdk/lib-dynamodb";
import { namesIn } from "../../functions/clients/conditions.ts";
import { CREDENTIAL_ITEM, type CredentialRecord } from "../../functions/credential/record.ts";
import type { InstanceRecord, Tombstone } from "../../functions/record/record.ts";
import { isInstanceId } from "../../protocol/index.ts";
import type { Context } from "../context.ts";
import { itemsIn } from "./items.ts";

/** How the subject of a record stands now. */
export interface Standing {
  /** `ACTIVE` and so on of an instance; of a credential `CURRENT`, `RETIRING` while its former user is let in, or `FAILING`. */
  state: string;
  ec2InstanceId?: string;
  /** Milliseconds since 1970; of an instance alone. */
  registeredAt?: number;
  retiredAt?: number;
}

/** Nothing of keys and versions: what they are is no question of a report. */
const READ = "#id, #ec2InstanceId, #status, #registeredAt, #retiredAt, #name, #predecessor.#user, #failing.#what";

/** How every instance and every credential stands, by its ID or by its secret's name. One Scan, a page of 1 MB at a time. */
export async function readStandings(
  context: Pick<Context, "place" | "out" | "stopped">,
): Promise<Map<string, Standing>> {
  const client = itemsIn(context);
  const scan = {
    ...{ TableName: context.place.names.instanceTable, ConsistentRead: true },
    ...{ ProjectionExpression: READ, ExpressionAttributeNames: namesIn(READ) },
  };
  const found = new Map<string, Standing>();
  for await (const { Items = [] } of paginateScan({ client }, scan, { abortSignal: context.stopped })) {
    for (const item of Items) {
      if (isInstanceId(item.id)) found.set(item.id, ofInstance(item as InstanceRecord | Tombstone));
      else if (item.id === CREDENTIAL_ITEM + item.name) found.set(item.name, ofCredential(item as CredentialRecord));
    }
    context.out.progress(`${found.size} records read`);
  }
  return found;
}

function ofInstance({ status, ec2InstanceId, ...record }: InstanceRecord | Tombstone): Standing {
  return {
    ...{ state: status, ec2InstanceId },
    ...("registeredAt" in record && { registeredAt: record.registeredAt }),
    ...("retiredAt" in record && { retiredAt: record.retiredAt }),
  };
}

function ofCredential({ failing, predecessor }: Pick<CredentialRecord, "failing" | "predecessor">): Standing {
  if (failing !== undefined) return { state: `FAILING ${failing.what}` };
  return { state: predecessor === undefined ? "CURRENT" : "RETIRING" };
}
