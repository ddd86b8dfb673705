import { z } from "zod";

export const SECRET_ID = z.string().min(1).max(2048);
export const TOKEN = z.string().min(32).max(64);
export const LABEL = z.string().min(1).max(256);
export const DESCRIPTION = z.string().max(2048);
export const KEY_ID = z.string().max(2048);
export const PAGE = {
  MaxResults: z.int().min(1).max(100).default(100),
  NextToken: z.string().min(1).max(4096).optional(),
};

/** A value, as text or as bytes; whether there is one, and one alone, the operation sees to. */
export const VALUE = {
  SecretString: z.string().min(1).max(65_536).optional(),
  SecretBinary: z
    .base64()
    .refine((text) => text !== "" && Buffer.from(text, "base64").length <= 65_536, "must have 1 to 65536 bytes")
    .optional(),
};
