/**
 * A statement of an IAM policy, as IAM writes it. What this folder makes are plain values: the CDK app gives them to AWS,
 * and local/ gives the same to the embedded AWS, which holds everybody to them.
 */
export interface Statement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  Action: string[];
  Resource: string[];
  /** By operator and condition key. */
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** A statement of a resource's own policy, which also says whom it is about. */
export interface ResourceStatement extends Statement {
  Principal: { AWS: string[] } | { Service: string[] };
}

export function allow(Action: readonly string[], Resource: string[], Condition?: Statement["Condition"]): Statement {
  return { Effect: "Allow", Action: [...Action], Resource, ...(Condition !== undefined && { Condition }) };
}
