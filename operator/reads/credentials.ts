import { paginateScan } from "@aws-sdk/lib-dynamodb";
import { namesIn } from "../../functions/clients/conditions.ts";
import { CREDENTIAL_ITEM, type CredentialRecord } from "../../functions/credential/record.ts";
import type { Reading } from "./instances.ts";
import { itemsIn } from "./items.ts";

/** What is known of a credential: which versions and users there are, never a value, nor by which tokens turns were asked for. */
export type Credential = Pick<
  CredentialRecord,
  "name" | "current" | "predecessor" | "failing" | "sightings" | "lookedFor"
>;

/** What is read of its item. */
export const CREDENTIAL_READ =
  "#id, #name, #current, #predecessor.#user, #predecessor.#life, #predecessor.#shutAt, #failing, #sightings, #lookedFor";

/** All credentials of which anything is known, by name. One Scan of the records' table, whose pages hold 1 MB of all that lies there. */
export async function listCredentials(context: Reading): Promise<Credential[]> {
  const client = itemsIn(context);
  const scan = {
    TableName: context.place.names.instanceTable,
    ProjectionExpression: CREDENTIAL_READ,
    FilterExpression: "begins_with(#id, :credential)",
    ExpressionAttributeNames: namesIn(CREDENTIAL_READ),
    ExpressionAttributeValues: { ":credential": CREDENTIAL_ITEM },
  };
  const found: Credential[] = [];
  for await (const { Items = [] } of paginateScan({ client }, scan, { abortSignal: context.stopped })) {
    // Somebody may have altered one: it is shown as far as it can be.
    for (const { id, sightings, ...item } of Items as (Credential & { id: string })[]) {
      const name = id.slice(CREDENTIAL_ITEM.length);
      found.push({ ...item, name, sightings: Array.isArray(sightings) ? sightings : [] });
    }
  }
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}
