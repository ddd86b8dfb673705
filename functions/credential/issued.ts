import type { CredentialRecord } from "./record.ts";

/** More than that can only be given up by an issuer whose tokens are refused each time. */
const MOST_ISSUED = 20;

/** A record that remembers of a version that its token may be honoured, until it is retired. */
export function withIssued<Written extends Pick<CredentialRecord, "issued">>(
  record: Written,
  version: string,
): Written {
  const { issued = [] } = record;
  return issued.includes(version) ? record : { ...record, issued: [...issued, version].slice(-MOST_ISSUED) };
}
