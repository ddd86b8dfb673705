import * as z from "zod/mini";
import { accessKeyId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { userName } from "../forms.ts";

export const contract = {
  name: "deactivate-key",
  flow: "exposed-key",
  does: "Makes an access key inactive, which one command undoes.",
  input: z.object({ accessKeyId, user: userName }),
  output: z.strictObject({ done: z.enum(["DEACTIVATED", "GONE"]) }),
  errors: [],
  neighbours: ["accessKeys"],
  given: ["journal"],
  uses: { users: ["iam:UpdateAccessKey"] },
  timeoutSeconds: 20,
} as const satisfies StepContract;
