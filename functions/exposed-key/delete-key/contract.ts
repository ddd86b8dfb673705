import * as z from "zod/mini";
import { accessKeyId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { userName } from "../forms.ts";

export const contract = {
  name: "delete-key",
  flow: "exposed-key",
  does: "Deletes an access key, where the settings say so.",
  input: z.object({ accessKeyId, user: userName }),
  output: z.strictObject({ done: z.enum(["DELETED", "GONE"]) }),
  errors: [],
  neighbours: ["accessKeys"],
  given: ["journal"],
  uses: { usersWhoseKeysGo: ["iam:DeleteAccessKey"] },
  timeoutSeconds: 20,
} as const satisfies StepContract;
