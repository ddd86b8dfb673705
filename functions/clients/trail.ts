/** A call that somebody made, as CloudTrail has it. What he gave to it is left out, but for the role that he took on. */
export interface TrailEvent {
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  /** E.g. `iam.amazonaws.com` and `CreateUser`. */
  source: string;
  name: string;
  /** From where: an address, or the name of a service of AWS. */
  address: string;
  /** By what it was refused, e.g. `AccessDenied`. */
  error?: string;
  /** ARN of the role that was taken on. */
  role?: string;
}

/** What CloudTrail keeps of 90 days, in each Region of its own: calls that manage, not those to data. It lags by minutes. */
export interface Trail {
  /**
   * A page of the calls that were signed with a key in a Region, the newest first. CloudTrail allows two of these calls a second,
   * in an account and Region.
   *
   * @param asked.from,to milliseconds since 1970; CloudTrail counts in seconds
   * @param asked.page the `next` of the page before; without it the first one
   * @returns at most 50; no `next` on the last page
   * @throws Error ThrottlingException, and whatever else CloudTrail answers
   */
  calls(asked: { accessKeyId: string; region: string; from: number; to: number; page?: string }): Promise<{
    events: TrailEvent[];
    next?: string;
  }>;
}
