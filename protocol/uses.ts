import { isEc2InstanceId, isHex64, isRoleArn } from "./check.ts";
import { FORMS } from "./forms.ts";
import { DYNAMODB, type FleetPlace, instanceArn, SAMPLES_KEPT_DAYS, type SeriesItem } from "./series.ts";

/**
 * Who writes a use: the instance on which the consumer runs, or, where it runs on none (Lambda, Fargate, another company's
 * computer), a role of its own, by its ARN. Several of one instance or role are told apart by their names.
 */
export type UseWriter = { ec2InstanceId: string; role?: undefined } | { role: string; ec2InstanceId?: undefined };

/**
 * What a consumer of a shared credential writes to the time series: that it used a version of the credential at `timeMs`,
 * successfully. It lies beside the samples and is written with the same rights, so that whoever may prove a key of an
 * instance may prove the uses on it, and nothing more has to be allowed. Where it lies says who had the rights to put it there,
 * and no more: what counts is the proof.
 */
export type Use = UseWriter & UseFields;

interface UseFields {
  /** The secret's name in Secrets Manager. */
  secret: string;
  /** The consumer's own name, which it also tells a database as its `application_name`. */
  consumer: string;
  /** The version of the secret that holds what was used. */
  versionId: string;
  /** Milliseconds since 1970. */
  timeMs: number;
  /** What `useProof` gives. */
  proof: string;
}

/**
 * Reads a use as it was stored, which anybody may have written: what else stands there is passed over.
 *
 * @returns undefined where a field is missing or has not its form: such a thing proves nothing and speaks for nobody
 */
export function readUse(stored: unknown): Use | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const { secret, consumer, versionId, timeMs, proof, ...other } = stored as Record<string, unknown>;
  const writer = readWriter(other);
  if (writer === undefined || !isHex64(proof)) return undefined;
  if (!isOf(FORMS.secretName, secret) || !isOf(FORMS.consumer, consumer)) return undefined;
  if (!isOf(FORMS.secretVersion, versionId)) return undefined;
  if (typeof timeMs !== "number" || !Number.isSafeInteger(timeMs) || timeMs < 0) return undefined;
  return { ...writer, secret, consumer, versionId, timeMs, proof };
}

/** Undefined where it names neither, or both. */
function readWriter({ ec2InstanceId, role }: Record<string, unknown>): UseWriter | undefined {
  if (ec2InstanceId === undefined) return isRoleArn(role) ? { role } : undefined;
  return role === undefined && isEc2InstanceId(ec2InstanceId) ? { ec2InstanceId } : undefined;
}

function isOf(form: RegExp, value: unknown): value is string {
  return typeof value === "string" && form.test(value);
}

/** @throws TypeError for a use that nobody could read again; it names no value */
function demandUse(use: Use): void {
  if (readUse(use) === undefined) throw new TypeError("a field of the use has not its form");
}

/** With what the key of a use begins. A sample's begins with its ID, in hexadecimal. */
const OF_USES = "use#";

/** With what the keys of all uses of a secret begin, and those of nothing else: its uses in a partition are one query. */
export function useKeysOf(secret: string): string {
  return `${OF_USES}${secret}#`;
}

/**
 * The sort key of a use in DynamoDB, e.g. `use#orders/db#web-1#7d9b318d-7543-4923-813d-660b51a4553f`. It has no time in
 * it: of each version that a consumer uses on an instance, or with a role, there is one item, the last use of it, which the next replaces.
 * Nobody asks for more than that, and so a look reads some items and no thousands.
 */
export function useKey({ secret, consumer, versionId }: Pick<Use, "secret" | "consumer" | "versionId">): string {
  return `${useKeysOf(secret)}${consumer}#${versionId}`;
}

/** What stands in a key of a use, or undefined if it is none. Only a version may hold a `#`, and it comes last. */
export function readUseKey(key: unknown): Pick<Use, "secret" | "consumer" | "versionId"> | undefined {
  const [, secret, consumer, versionId] = typeof key === "string" ? (/^use#([^#]+)#([^#]+)#(.+)$/.exec(key) ?? []) : [];
  if (!isOf(FORMS.secretName, secret) || !isOf(FORMS.consumer, consumer)) return undefined;
  return isOf(FORMS.secretVersion, versionId) ? { secret, consumer, versionId } : undefined;
}

/**
 * The index of the samples' table by which the uses of a secret are read, whoever wrote them: newest last, as its sort key
 * is a number. Samples have no `secret`, and so are not in it. What lies there any instance of the fleet may have written, and
 * any role that may write uses.
 */
export const USES_INDEX = {
  name: "bySecret",
  partitionKey: { name: "secret", type: "S" },
  sortKey: { name: "timeMs", type: "N" },
  projection: "ALL",
} as const satisfies {
  name: string;
  partitionKey: { name: keyof UseItem; type: "S" };
  sortKey: { name: keyof UseItem; type: "N" };
  projection: "ALL";
};

/** An item of the DynamoDB table that is a use. */
export interface UseItem extends Pick<Use, "secret" | "timeMs" | "proof">, Omit<SeriesItem, "generation" | "hash"> {}

/**
 * The item that a use becomes in DynamoDB. Its partition is the instance's own ARN, the only one in which AWS lets an
 * instance write, or likewise the role's. `secret` stands beside its key by itself, since samples have no such attribute: by it, uses can be told
 * from samples whoever wrote them.
 *
 * @param place where the instance is; of a role, its ARN says it
 * @throws TypeError when a field of the use has not its form
 */
export function useItemOf(use: Use, place: FleetPlace): UseItem {
  demandUse(use);
  return {
    [DYNAMODB.partitionKey.name]: use.role ?? instanceArn(place, use.ec2InstanceId),
    [DYNAMODB.sortKey.name]: useKey(use),
    secret: use.secret,
    timeMs: use.timeMs,
    proof: use.proof,
    [DYNAMODB.expiry]: Math.floor(use.timeMs / 1000) + SAMPLES_KEPT_DAYS * 86_400,
  };
}

/**
 * Reads a use from the fields of an item, whose key says which use it is.
 *
 * @returns undefined for a sample, and for whatever else is no use
 */
export function readUseItem(item: { [name in keyof UseItem]?: unknown }): Use | undefined {
  const names = readUseKey(item[DYNAMODB.sortKey.name]);
  const arn = item[DYNAMODB.partitionKey.name];
  const ec2InstanceId = typeof arn === "string" ? /:instance\/([^/]+)$/.exec(arn)?.[1] : undefined;
  const writer = ec2InstanceId === undefined ? { role: arn } : { ec2InstanceId };
  return readUse({ ...names, ...writer, timeMs: item.timeMs, proof: item.proof });
}

/**
 * How a use lies in Timestream, in the samples' table: under a measure's name of its own, and without the dimension `id`,
 * by which samples are asked for. Who wrote it is one of the two in `writers`. The version is a dimension too, so that two
 * versions used in the same millisecond stand beside each other.
 */
export const USES_IN_TIMESTREAM = {
  measureName: "use",
  writers: ["ec2InstanceId", "role"],
  dimensions: ["secret", "consumer", "versionId"],
  measures: { proof: "VARCHAR" },
} as const satisfies {
  measureName: string;
  writers: (keyof UseWriter)[];
  dimensions: (keyof UseFields)[];
  measures: { [field in keyof UseFields]?: string };
};

/**
 * The multi-measure record that a use becomes in Timestream, as its `WriteRecords` takes it.
 *
 * @throws TypeError when a field of the use has not its form
 */
export function useRecordOf(use: Use) {
  demandUse(use);
  return {
    Dimensions: [...USES_IN_TIMESTREAM.writers, ...USES_IN_TIMESTREAM.dimensions].flatMap((name) => {
      const value = use[name];
      return value === undefined ? [] : { Name: name, Value: value };
    }),
    MeasureName: USES_IN_TIMESTREAM.measureName,
    MeasureValueType: "MULTI" as const,
    MeasureValues: [{ Name: "proof", Value: use.proof, Type: USES_IN_TIMESTREAM.measures.proof }],
    Time: String(use.timeMs),
    TimeUnit: "MILLISECONDS" as const,
  };
}
