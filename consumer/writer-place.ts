import type { AwsCredentialIdentity, Provider } from "@smithy/types";
import type { InstanceIdentity } from "./instance.ts";

/** As whom use proofs are written. */
export interface WriterPlace {
  /** The instance that this program runs on. */
  identity: () => Promise<InstanceIdentity>;
  /** Where the AWS SDK is not to find the credentials by itself. */
  credentials?: AwsCredentialIdentity | Provider<AwsCredentialIdentity>;
}

/** What the clients are set to: an AWS that does not answer must not hold an application up when it ends. */
export function clientSettings({ identity, credentials }: WriterPlace) {
  return {
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
    region: async () => (await identity()).region,
    ...(credentials !== undefined && { credentials }),
  };
}
