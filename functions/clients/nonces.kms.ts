import { GenerateMacCommand, KMSClient } from "@aws-sdk/client-kms";
import { nonceMessage } from "../../protocol/index.ts";
import type { Maker } from "../shared/neighbours.ts";
import type { Nonces } from "./nonces.ts";

/**
 * Nonces from KMS.
 *
 * @param keyId ID, ARN or alias of an HMAC_256 key
 */
export function kmsNonces(client: KMSClient, keyId: string): Nonces {
  return {
    async compute(name) {
      const answer = await client.send(
        new GenerateMacCommand({ KeyId: keyId, MacAlgorithm: "HMAC_SHA_256", Message: nonceMessage(name) }),
      );
      return Buffer.from(answer.Mac as Uint8Array).toString("hex");
    },
  };
}

export const nonces: Maker<"nonces"> = ({ NONCE_KEY }) => kmsNonces(new KMSClient(), NONCE_KEY);
