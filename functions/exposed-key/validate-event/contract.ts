import * as z from "zod/mini";
import type { StepContract } from "../../shared/contract.ts";
import { namedKey, orders } from "../forms.ts";

export const contract = {
  name: "validate-event",
  flow: "exposed-key",
  does: "Looks at what the event says: of which kind it is, and which access keys it names, each once.",
  /** The whole event: AWS Health's, GuardDuty's, or the project's own, as the bus has it or as somebody has pasted it. */
  input: z.unknown(),
  output: z.strictObject({
    /** E.g. `AWS_RISK_CREDENTIALS_EXPOSED`; a finding type of GuardDuty's; or the project's own `Access Key Exposed`. */
    code: z.string(),
    /** Whether that is a kind of which it is known what to do. Of others people are told, and nothing is shut. */
    isKnown: z.boolean(),
    keys: z.array(namedKey),
    /** What stands in the place of a key and is none, as it is told, and how many of these there are. */
    unfit: z.array(z.string()),
    unfitCount: z.int(),
    /** How many keys there are more than are looked at. */
    beyond: z.int(),
    ...orders,
  }),
  errors: [],
  neighbours: [],
  given: ["now", "exposedKeySettings"],
  uses: {},
  timeoutSeconds: 15,
} as const satisfies StepContract;
