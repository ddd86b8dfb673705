import type { Output } from "../output/output.ts";
import type { Account, Place } from "./place.ts";

/** What every client of the AWS SDK is made with. */
export interface ClientConfig {
  region?: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  profile?: string;
  /** Slows down by itself, for as long as AWS throttles. */
  retryMode: "adaptive";
  maxAttempts: number;
  requestHandler: { connectionTimeout: number; requestTimeout: number; throwOnRequestTimeout: true };
}

/** How the clients of a place are made. */
function configOf({ region, profile, running }: Place): ClientConfig {
  return {
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    ...(running !== undefined && { endpoint: running.endpoint, credentials: running.credentials }),
    retryMode: "adaptive",
    maxAttempts: 8,
    requestHandler: { connectionTimeout: 5000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  };
}

/** What of a client of the AWS SDK is needed here. */
interface SdkClient {
  middlewareStack: { add(middleware: (next: Next) => Next, options: { step: "deserialize"; priority: "high" }): void };
}
type Next = (args: never) => Promise<never>;

const THROTTLED = /Throttl|TooManyRequests|ProvisionedThroughputExceeded|RequestLimitExceeded|SlowDown/;

/** Whether AWS says by this error that it is asked too much. */
export function isThrottling(error: unknown): boolean {
  return error instanceof Error && THROTTLED.test(error.name);
}

/**
 * Makes a client of the AWS SDK for a place. It tries again, ever more slowly, where AWS throttles, and says so once.
 *
 * @param Client e.g. `DynamoDBClient`
 */
export function clientIn<Client extends object>(
  Client: new (config: ClientConfig) => Client,
  { place, out }: { place: Place; out: Output },
): Client {
  const client = new Client(configOf(place));
  const noting =
    (next: Next): Next =>
    async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (isThrottling(error)) noteThrottling(out);
        throw error;
      }
    };
  (client as unknown as SdkClient).middlewareStack.add(noting, { step: "deserialize", priority: "high" });
  return client;
}

const noted = new WeakSet<Output>();

function noteThrottling(out: Output): void {
  if (noted.has(out)) return;
  noted.add(out);
  out.note("AWS throttles this account: going on more slowly.");
}

/** Whose account it is, in which partition and Region, as AWS says: one call, and none on this computer. */
export async function accountOf(context: { place: Place; out: Output }): Promise<Account> {
  const { running } = context.place;
  if (running !== undefined) return { partition: "aws", region: running.region, account: running.account };
  const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
  const sts = clientIn(STSClient, context);
  const { Arn = "", Account: account = "" } = await sts.send(new GetCallerIdentityCommand({}));
  return { partition: Arn.split(":")[1] ?? "aws", region: await sts.config.region(), account };
}
