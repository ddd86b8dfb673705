import { paginateScan } from "@aws-sdk/lib-dynamodb";
import { namesIn } from "../../functions/clients/conditions.ts";
import { CREDENTIAL_ITEM } from "../../functions/credential/record.ts";
import { isInstanceId } from "../../protocol/index.ts";
import { byName, CREDENTIAL_READ, type Credential, credentialFrom } from "./credentials.ts";
import { type Instance, instanceFrom, PROJECTION, type Reading } from "./instances.ts";
import { itemsIn } from "./items.ts";

/** Of either, each path once: DynamoDB refuses one that is named twice. */
const READ = [...new Set([...PROJECTION.ProjectionExpression.split(", "), ...CREDENTIAL_READ.split(", ")])].join(", ");

/** All instances, the retired ones too, in no order, and all credentials, by name. One Scan for both, in pages of 1 MB. */
export async function listRecords(context: Reading): Promise<{ instances: Instance[]; credentials: Credential[] }> {
  const client = itemsIn(context);
  const scan = {
    ...{ TableName: context.place.names.instanceTable },
    ...{ ProjectionExpression: READ, ExpressionAttributeNames: namesIn(READ) },
  };
  const instances: Instance[] = [];
  const credentials: Credential[] = [];
  for await (const { Items = [] } of paginateScan({ client }, scan, { abortSignal: context.stopped })) {
    for (const item of Items) {
      if (isInstanceId(item.id)) instances.push(instanceFrom(item));
      else if (String(item.id).startsWith(CREDENTIAL_ITEM)) credentials.push(credentialFrom(item));
    }
  }
  return { instances, credentials: credentials.sort(byName) };
}
