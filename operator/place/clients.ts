import { userInfo } from "node:os";
import type { Output } from "../output/output.ts";
import { isThrottling } from "./errors.ts";
import { Patience } from "./patience.ts";
import type { Account, Place } from "./place.ts";

/** What every client of the AWS SDK is made with. */
export interface ClientConfig {
  region?: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  profile?: string;
  retryStrategy: Patience;
  requestHandler: { connectionTimeout: number; requestTimeout: number; throwOnRequestTimeout: true };
}

/** How long a connection, and an answer, may take. Together with `Patience`, a command ends within a minute whatever is the matter. */
const TIMEOUTS = { connectionTimeout: 5000, requestTimeout: 20_000, throwOnRequestTimeout: true } as const;

/** After how long it is said that one waits for AWS. */
const SLOW_MS = 4000;

/** How the clients of a place are made. */
function configOf({ region, profile, running }: Place): ClientConfig {
  return {
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    ...(running !== undefined && { endpoint: running.endpoint, credentials: running.credentials }),
    retryStrategy: new Patience(),
    requestHandler: TIMEOUTS,
  };
}

/** What of a client of the AWS SDK is needed here. */
interface SdkClient {
  config: Pick<ClientConfig, "requestHandler" | "credentials">;
  middlewareStack: { add(middleware: (next: Next) => Next, options: { step: "deserialize"; priority: "high" }): void };
}
type Next = (args: never) => Promise<never>;

/**
 * Makes a client of the AWS SDK for a place. It tries again, ever more slowly, where AWS throttles, and says so once, as it does
 * where AWS is slow.
 *
 * @param Client e.g. `DynamoDBClient`
 */
export function clientIn<Client extends object>(
  Client: new (config: ClientConfig) => Client,
  { place, out }: { place: Place; out: Output },
): Client {
  const client = new Client({ ...configOf(place), ...shared.get(out)?.get(place) });
  share(client as unknown as SdkClient, { place, out });
  const noting =
    (next: Next): Next =>
    async (args) => {
      const slow = setTimeout(() => noteOnce(out, "AWS takes long to answer: still waiting."), SLOW_MS);
      try {
        return await next(args);
      } catch (error) {
        if (isThrottling(error)) noteOnce(out, "AWS throttles this account: going on more slowly.");
        throw error;
      } finally {
        clearTimeout(slow);
      }
    };
  (client as unknown as SdkClient).middlewareStack.add(noting, { step: "deserialize", priority: "high" });
  return client;
}

/**
 * What the first client of a place has is the others' too, for as long as somebody reads: connections, which would be opened anew
 * by each, and credentials, for which each would ask a program or another service.
 */
const shared = new WeakMap<Output, WeakMap<Place, SdkClient["config"]>>();

function share({ config }: SdkClient, { place, out }: { place: Place; out: Output }): void {
  const ofOutput = shared.get(out) ?? new WeakMap<Place, SdkClient["config"]>();
  shared.set(out, ofOutput);
  const { requestHandler, credentials } = config;
  if (!ofOutput.has(place)) ofOutput.set(place, { requestHandler, ...(credentials && { credentials }) });
}

const noted = new WeakMap<Output, Set<string>>();

/** Has what was noted once noted again, where it happens again: for who looks for long. */
export function forgetNotes(out: Output): void {
  noted.delete(out);
}

function noteOnce(out: Output, text: string): void {
  const said = noted.get(out) ?? new Set();
  noted.set(out, said);
  if (said.has(text)) return;
  said.add(text);
  out.note(text);
}

/** Who calls: their ARN; on this computer the name of its user. */
export interface Caller extends Account {
  who: string;
}

/** Who calls, in whose account, partition and Region, as AWS says: one call, and none on this computer. */
export async function accountOf(context: { place: Place; out: Output }): Promise<Caller> {
  const { running } = context.place;
  if (running !== undefined) {
    return { partition: "aws", region: running.region, account: running.account, who: userHere() };
  }
  const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
  const sts = clientIn(STSClient, context);
  const { Arn = "", Account: account = "" } = await sts.send(new GetCallerIdentityCommand({}));
  return { partition: Arn.split(":")[1] ?? "aws", region: await sts.config.region(), account, who: Arn };
}

function userHere(): string {
  try {
    return userInfo().username;
  } catch {
    // A user whom this computer has no name for, as in some containers.
    return "somebody";
  }
}
