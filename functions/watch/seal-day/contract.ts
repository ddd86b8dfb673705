import * as z from "zod/mini";
import { hex64, timeMs } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";

export const contract = {
  name: "seal-day",
  flow: "watch",
  does: "Seals the audit lines of the day before, once, and keeps the seal where nobody who may write lines can alter it.",
  input: z.object({
    /** When the look began; days are written with four digits of the year. */
    at: timeMs.check(
      z.minimum(Date.UTC(2000), "must be milliseconds since 1970, of this millennium"),
      z.maximum(Date.UTC(3000), "must be milliseconds since 1970, of this millennium"),
    ),
  }),
  output: z.object({
    /** A UTC day like `2026-11-26`, and its seal's digest, which vouches for all days before. */
    day: z.string(),
    digest: hex64,
    /** Why the bucket of the seals did not take it. */
    refused: z.optional(z.string()),
  }),
  errors: ["LineGone"],
  neighbours: ["audit", "sealArchive"],
  given: ["now", "auditKeptMs", "journal"],
  uses: {
    auditTable: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
    auditIndexes: ["dynamodb:Query"],
    sealBucket: ["s3:PutObject", "s3:PutObjectRetention"],
  },
  timeoutSeconds: 60,
} as const satisfies StepContract;
