import * as z from "zod/mini";
import { generation, hex64, instanceId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { receipt } from "../receipt.ts";

export const contract = {
  name: "confirm-successor",
  flow: "rotation",
  does: "Confirms that the receipt proves the new key: the instance itself has turned.",
  input: z.object({ id: instanceId, generation, receiptDigest: hex64, receipt }),
  output: z.object({ hooksFailed: z.array(z.string()) }),
  errors: ["ReceiptInvalid"],
  neighbours: [],
  given: [],
  uses: {},
  timeoutSeconds: 10,
} as const satisfies StepContract;
