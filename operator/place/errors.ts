const THROTTLED = /Throttl|TooManyRequests|ProvisionedThroughputExceeded|RequestLimitExceeded|SlowDown/;

/** Whether AWS says by this error that it is asked too much. */
export function isThrottling(error: unknown): boolean {
  return error instanceof Error && THROTTLED.test(error.name);
}

const UNREACHED = [
  ...["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT", "EPIPE"],
  ...[
    "CERT_HAS_EXPIRED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  ],
  ...["ERR_TLS_CERT_ALTNAME_INVALID", "EPROTO"],
];

/** The code by which Node says that no server was reached, e.g. `ECONNREFUSED`; undefined where it is something else. */
export function unreachedBy(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // Where a name has several addresses, it is an error for each.
  const all: { code?: unknown }[] = [error, ...(error instanceof AggregateError ? error.errors : [])];
  const codes = all.map(({ code }) => String(code));
  return codes.find((code) => UNREACHED.includes(code));
}

/** Whether nobody has answered in time. The SDK calls by the same name what was cut off. */
export function isTimeout(error: unknown): boolean {
  const code = unreachedBy(error);
  return code === "ETIMEDOUT" || (error instanceof Error && error.name === "TimeoutError" && code === undefined);
}
