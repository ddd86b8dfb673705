import * as z from "zod/mini";
import { generation, hex64, instanceId } from "../../../events/fields.ts";
import type { StepContract } from "../../shared/contract.ts";
import { receipt } from "../receipt.ts";

export const contract = {
  name: "confirm-rekey",
  flow: "rotation",
  does: "Confirms that the receipt proves the key that was agreed by the rekey.",
  input: z.object({ id: instanceId, generation, receipt }),
  /** What the promotion finds the confirmed key by. */
  output: z.object({ hooksFailed: z.array(z.string()), receiptDigest: hex64 }),
  errors: ["ReceiptInvalid", "Superseded", "Rekeying", "Retired", "Quarantined", "UnknownId"],
  neighbours: ["registry"],
  given: [],
  uses: { instanceTable: ["dynamodb:GetItem"] },
  timeoutSeconds: 10,
} as const satisfies StepContract;
