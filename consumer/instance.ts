import { type FleetPlace, FORMS, isEc2InstanceId } from "../protocol/index.ts";
import { Failure, wordsOf } from "./failure.ts";

/** The instance on which a program runs. */
export interface InstanceIdentity extends FleetPlace {
  /** `i-…` */
  ec2InstanceId: string;
}

const TIMEOUT_MS = 2_000;
const TOKEN_SECONDS = "60";

/**
 * Asks the EC2 instance metadata service who this instance is; version 2 only, as the agent does.
 *
 * @param endpoint e.g. `http://169.254.169.254`
 * @returns a function that asks once; after a failure the next call asks again. It throws a Failure where the service is
 *   not there, or has no such answer
 */
export function metadataIdentity(endpoint: URL): () => Promise<InstanceIdentity> {
  let known: Promise<InstanceIdentity> | undefined;
  return () => {
    known ??= ask(endpoint).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

async function ask(endpoint: URL): Promise<InstanceIdentity> {
  const ttl = { "x-aws-ec2-metadata-token-ttl-seconds": TOKEN_SECONDS };
  const token = await textAt(new URL("/latest/api/token", endpoint), "PUT", ttl);
  const get = (path: string) => textAt(new URL(path, endpoint), "GET", { "x-aws-ec2-metadata-token": token });
  const document = await get("/latest/dynamic/instance-identity/document");
  const partition = (await get("/latest/meta-data/services/partition")).trim();
  const { instanceId, accountId, region } = fieldsOf(document);
  const isKnown =
    isEc2InstanceId(instanceId) &&
    typeof accountId === "string" &&
    FORMS.account.test(accountId) &&
    typeof region === "string" &&
    region !== "" &&
    FORMS.partition.test(partition);
  if (!isKnown) throw new Failure("The metadata service does not say which instance this is.");
  return { ec2InstanceId: instanceId, account: accountId, region, partition };
}

async function textAt(url: URL, method: string, headers: Record<string, string>): Promise<string> {
  const answer = await fetch(url, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    (error: unknown) => {
      // What fetch throws says nothing; its cause does.
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw new Failure(`The metadata service at ${url.origin} was not reached: ${wordsOf(cause)}`);
    },
  );
  const text = await answer.text();
  if (!answer.ok) throw new Failure(`The metadata service answered HTTP ${answer.status} for ${url.pathname}.`);
  return text;
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said by whoever misses the fields.
  }
  return {};
}
