import * as z from "zod/mini";
import { shutKey, use } from "../exposed-key/forms.ts";

/** The parts of what is known of an exposed key, as a finding keeps them: for whoever reads one that somebody may have altered. */
export const EXPOSED_PARTS = {
  key: shutKey,
  use,
  gone: z.object({
    is: z.enum(["INACTIVE", "GONE"]),
    otherKeys: z.array(z.string()),
    quarantine: z.optional(z.array(z.string())),
  }),
};
