import type { AwsCredentialIdentity, Provider } from "@smithy/types";
import type { FleetPlace, UseWriter } from "../protocol/index.ts";

/** The instance that a program runs on, or the role with whose credentials it writes. */
export type WriterIdentity = UseWriter & FleetPlace;

/** As whom use proofs are written. */
export interface WriterPlace {
  identity: () => Promise<WriterIdentity>;
  /** Where the AWS SDK is not to find the credentials by itself. */
  credentials?: AwsCredentialIdentity | Provider<AwsCredentialIdentity>;
}

/** Who that is, as a use says it. */
export function writerOf({ role, ec2InstanceId }: WriterIdentity): UseWriter {
  return role === undefined ? { ec2InstanceId } : { role };
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
