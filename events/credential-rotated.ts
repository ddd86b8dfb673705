import * as z from "zod/mini";
import type { EventKind } from "./event.ts";
import { secretName, secretVersion } from "./fields.ts";

/** The authority has accepted a credential's new version, and it is the current one. */
export const credentialRotated = {
  detailType: "Credential Rotated",
  detail: z.strictObject({ secret: secretName, versionId: secretVersion, user: z.string(), execution: z.string() }),
} satisfies EventKind;
