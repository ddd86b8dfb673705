import { paginateScan } from "@aws-sdk/lib-dynamodb";
import { namesIn } from "../../functions/clients/conditions.ts";
import { CREDENTIAL_ITEM, type CredentialRecord, type Sighting } from "../../functions/credential/record.ts";
import type { Reading } from "./instances.ts";
import { itemsIn } from "./items.ts";
import { type Form, fieldsOf, isMoment, isText, wellFormedIn } from "./well-formed.ts";

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
  const { id, current, predecessor, failing, sightings, lookedFor } = read;
  return {
    name: String(id).slice(CREDENTIAL_ITEM.length),
    ...(current !== undefined && { current: { ...UNKNOWN, ...wellFormedIn<Current>(current, CURRENT) } }),
    ...(predecessor !== undefined && {
      predecessor: { user: UNKNOWN.user, ...wellFormedIn<Predecessor>(predecessor, PREDECESSOR) } as Predecessor,
    }),
    ...(failing !== undefined && {
      failing: { ...NEVER_SAID, ...wellFormedIn<Failing>(failing, FAILING) },
    }),
    sightings: Array.isArray(sightings) ? sightings.flatMap(sightingIn) : [],
    ...(lookedFor !== undefined && { lookedFor: lookedForIn(lookedFor) }),
  };
}

type Current = NonNullable<Credential["current"]>;
type Predecessor = NonNullable<Credential["predecessor"]>;
type Failing = NonNullable<Credential["failing"]>;

/** What stands where something must, and has not its form. */
const UNKNOWN = { versionId: "?", user: "?", since: 0, execution: "" };
const NEVER_SAID = { since: 0, nextTryAt: 0, what: "?", execution: "" };

const isLife: Form = (value) => {
  const { from, to } = fieldsOf(value);
  return isMoment(from) && isMoment(to);
};
const CURRENT = { versionId: isText, user: isText, life: isLife, since: isMoment, execution: isText };
const PREDECESSOR = { user: isText, life: isLife, shutAt: isMoment };
const FAILING = { since: isMoment, nextTryAt: isMoment, what: isText };
const SIGHTING = {
  ...{ consumer: isText, user: isText, at: isMoment, by: isText },
  ...{ address: isText, ec2InstanceId: isText, role: isText },
};

function sightingIn(read: unknown): Sighting[] {
  const { consumer, user, at, by = "sessions", ...rest } = wellFormedIn<Sighting>(read, SIGHTING);
  return consumer === undefined || user === undefined || at === undefined ? [] : [{ consumer, user, at, by, ...rest }];
}

function lookedForIn(read: unknown): Record<string, number> {
  const entries = Object.entries(fieldsOf(read));
  return Object.fromEntries(entries.filter((one): one is [string, number] => isMoment(one[1])));
}
