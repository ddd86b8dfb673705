import * as z from "zod/mini";
import { hex64 } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { receipt, ticket } from "../ticket.ts";

export const contract = {
  name: "confirm-successor",
  flow: "rotation",
  does: "Confirms that the receipt proves the new key: the instance itself has turned.",
  input: z.strictObject({ ticket, receiptDigest: hex64, receipt }),
  output: z.strictObject({ hooksFailed: z.array(z.string()) }),
  errors: ["ReceiptInvalid"],
  neighbours: [],
  given: [],
  uses: {},
  timeoutSeconds: 10,
} as const satisfies StepContract;
