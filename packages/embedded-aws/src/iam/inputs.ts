import { z } from "zod";
import { readInput } from "../http/input.ts";
import { AwsError } from "../http/service.ts";
import { pageToken, readPage } from "../page.ts";

export const USER_NAME = z.string().regex(/^[\w+=,.@-]{1,64}$/, "must be letters, digits and +=,.@-_, 64 at most");
const POLICY_NAME = z.string().regex(/^[\w+=,.@-]{1,128}$/, "must be letters, digits and +=,.@-_, 128 at most");
export const KEY_ID = z.string().regex(/^\w{16,128}$/, "must be 16 to 128 letters and digits");
const PAGE = { Marker: z.string().min(1).optional(), MaxItems: z.coerce.number().int().min(1).max(1000).default(100) };

export const INPUTS = {
  user: z.strictObject({ UserName: USER_NAME }),
  maybeUser: z.strictObject({ UserName: USER_NAME.optional() }),
  key: z.strictObject({ UserName: USER_NAME.optional(), AccessKeyId: KEY_ID }),
  keyStatus: z.strictObject({
    UserName: USER_NAME.optional(),
    AccessKeyId: KEY_ID,
    Status: z.enum(["Active", "Inactive"]),
  }),
  keyAlone: z.strictObject({ AccessKeyId: KEY_ID }),
  keys: z.strictObject({ UserName: USER_NAME.optional(), ...PAGE }),
  policy: z.strictObject({ UserName: USER_NAME, PolicyName: POLICY_NAME }),
  policyDocument: z.strictObject({
    UserName: USER_NAME,
    PolicyName: POLICY_NAME,
    PolicyDocument: z.string().min(1).max(131_072),
  }),
  policies: z.strictObject({ UserName: USER_NAME, ...PAGE }),
  attached: z.strictObject({ UserName: USER_NAME, PolicyArn: z.string().min(20).max(2048) }),
};

const TEXTS = z.union([z.string(), z.array(z.string())]);
/** What a statement has that is not known here, is left for who compiles it. */
const STATEMENT = z.looseObject({
  Effect: z.string(),
  Action: TEXTS.optional(),
  Resource: TEXTS.optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.union([TEXTS, z.boolean(), z.number()]))).optional(),
});
/** A policy as JSON, as far as its form goes. */
export const POLICY = z.strictObject({
  Version: z.enum(["2012-10-17", "2008-10-17"]).optional(),
  Id: z.string().optional(),
  Statement: z.union([STATEMENT, z.array(STATEMENT)]),
});

/** @throws AwsError ValidationError */
export function read<T>(schema: z.ZodType<T>, input: unknown): T {
  return readInput(schema, input, "ValidationError");
}

/**
 * A page of a listing, as IAM gives it.
 *
 * @param listing what is listed: a marker is good for that alone
 * @throws AwsError ValidationError for a marker of another listing
 */
export function pageOf<T>(
  all: readonly T[],
  asked: { Marker?: string | undefined; MaxItems: number },
  listing: string,
) {
  const from = Number(readPage(asked.Marker, listing, new AwsError("ValidationError", "Invalid Marker.")) ?? 0);
  const end = from + asked.MaxItems;
  const IsTruncated = end < all.length;
  return { page: all.slice(from, end), IsTruncated, ...(IsTruncated && { Marker: pageToken(listing, end) }) };
}
