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

/** What is read of its item. Of `current` by its parts, since of an instance's that is more than may be read. */
export const CREDENTIAL_READ = [
  "#id, #name, #current.#versionId, #current.#user, #current.#life, #current.#since, #current.#execution",
  "#predecessor.#user, #predecessor.#life, #predecessor.#shutAt, #failing, #sightings, #lookedFor",
].join(", ");

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
    found.push(...Items.map(credentialFrom));
  }
  return found.sort(byName);
}

export const byName = (one: Credential, other: Credential) => (one.name < other.name ? -1 : 1);

/** A credential from what was read of its item. Somebody may have altered that: it is shown as far as it can be. */
export function credentialFrom(read: Record<string, unknown>): Credential {
  const { id, sightings, ...item } = read as Partial<Credential> & { id: string };
  return { ...item, name: id.slice(CREDENTIAL_ITEM.length), sightings: Array.isArray(sightings) ? sightings : [] };
}
