import type { InstanceCredentials } from "../metadata.ts";

/** Where AWS is, and as whom to call it. */
export interface SeriesPlace {
  region: () => Promise<string>;
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  partition: () => Promise<string>;
  accountId: () => Promise<string>;
  credentials: () => Promise<InstanceCredentials>;
  /** To be called when AWS does not take the last credentials: the next are others, if there are any. */
  refused?: () => void;
}

/** What both clients are set to: an AWS that does not answer must not hold the agent up for long. */
export const CLIENT_LIMITS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};
