/**
 * By "true", `npm run deploy` says in the app's context that there is no deployment yet: tables are made without protection
 * against their deletion, so that a failure leaves none behind. Its second deployment, right after, protects them.
 */
export const FIRST_KEY = "keyturn:first";

/** Which account and Region a deployment is for. */
export interface Place {
  /** 12 digits. */
  account: string;
  region: string;
}

/** Under which key `cdk.context.json` holds where samples go in an account and Region, in the form of CDK's own keys. */
export function answerKey({ account, region }: Place): string {
  return `keyturn:timeSeries:account=${account}:region=${region}`;
}

/** Under which key `npm run deploy` hands cdk what it has settled: cdk's own account may be one that it remembers from before. */
export const SETTLED_KEY = "keyturn:timeSeries";
