import { FORMS, isEc2InstanceId } from "../protocol/index.ts";
import type { Clock } from "./clock.ts";
import { Failure } from "./failure.ts";
import { send } from "./http.ts";

/** Credentials of the instance profile, which change every few hours. */
export interface InstanceCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiration: Date;
}

/** What the agent asks the EC2 instance metadata service. Every call fails when the service cannot be reached. */
export interface Metadata {
  ec2InstanceId(signal?: AbortSignal): Promise<string>;
  /** The private IPv4 address, or the IPv6 address where the instance has no other. */
  ip(signal?: AbortSignal): Promise<string>;
  region(): Promise<string>;
  /** The part of AWS that the Region is in: `aws`, `aws-cn`, `aws-us-gov`. */
  partition(): Promise<string>;
  accountId(): Promise<string>;
  /**
   * @param refused those that AWS does not take any more: they are not given once more without asking. So another
   *   instance profile is noticed when it is needed, not when the former one's credentials end
   */
  credentials(refused?: InstanceCredentials): Promise<InstanceCredentials>;
}

const TIMEOUT_MS = 2_000;
const TOKEN_SECONDS = 21_600;
const RENEW_BEFORE_MS = 5 * 60_000;
const CREDENTIALS_PATH = "/latest/meta-data/iam/security-credentials/";

/** A client of the metadata service, version 2 only: version 1 would let a forged request through a proxy read it. */
export function instanceMetadata(endpoint: URL, clock: Clock): Metadata {
  let token: { text: string; renewAt: number } | undefined;
  let known: InstanceCredentials | undefined;

  async function newToken(signal?: AbortSignal): Promise<string> {
    const headers = { "x-aws-ec2-metadata-token-ttl-seconds": String(TOKEN_SECONDS) };
    const url = new URL("/latest/api/token", endpoint);
    const answer = await send({ method: "PUT", url, headers, timeoutMs: TIMEOUT_MS, signal });
    if (answer.status !== 200) throw new Failure(`The metadata service gave no token (HTTP ${answer.status}).`);
    token = { text: answer.body, renewAt: clock.monotonic() + TOKEN_SECONDS * 1000 - RENEW_BEFORE_MS };
    return token.text;
  }

  async function find(path: string, signal?: AbortSignal): Promise<string | undefined> {
    const ask = (text: string) =>
      send({
        method: "GET",
        url: new URL(path, endpoint),
        headers: { "x-aws-ec2-metadata-token": text },
        timeoutMs: TIMEOUT_MS,
        signal,
      });
    const fresh = token !== undefined && clock.monotonic() < token.renewAt ? token.text : await newToken(signal);
    let answer = await ask(fresh);
    // The service forgets its tokens when the instance was stopped.
    if (answer.status === 401) answer = await ask(await newToken(signal));
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new Failure(`The metadata service answered HTTP ${answer.status} for ${path}.`);
    return answer.body.trim();
  }

  async function demand(path: string, signal?: AbortSignal): Promise<string> {
    const text = await find(path, signal);
    if (text === undefined || text === "") throw new Failure(`The metadata service has nothing at ${path}.`);
    return text;
  }

  async function freshCredentials(): Promise<InstanceCredentials> {
    const role = (await find(CREDENTIALS_PATH))?.split("\n")[0];
    if (role === undefined || role === "")
      throw new Failure("This instance has no instance profile: attach the fleet's.");
    return credentialsOf(await demand(CREDENTIALS_PATH + role), role);
  }

  return {
    async ec2InstanceId(signal) {
      const text = await demand("/latest/meta-data/instance-id", signal);
      if (!isEc2InstanceId(text)) throw new Failure("The metadata service gave no EC2 instance ID.");
      return text;
    },
    async ip(signal) {
      return (await find("/latest/meta-data/local-ipv4", signal)) ?? (await demand("/latest/meta-data/ipv6", signal));
    },
    region: () => demand("/latest/meta-data/placement/region"),
    async partition() {
      const text = await demand("/latest/meta-data/services/partition");
      if (!FORMS.partition.test(text)) throw new Failure("The metadata service gave no partition.");
      return text;
    },
    async accountId() {
      const accountId = fieldsOf(await demand("/latest/dynamic/instance-identity/document")).accountId;
      if (typeof accountId !== "string" || !FORMS.account.test(accountId)) {
        throw new Failure("The instance identity document names no account.");
      }
      return accountId;
    },
    async credentials(refused) {
      const atHand = known === refused ? undefined : known;
      if (atHand !== undefined && clock.now() < atHand.expiration.getTime() - RENEW_BEFORE_MS) return atHand;
      try {
        known = await freshCredentials();
        return known;
      } catch (error) {
        // Those at hand still serve for the last minutes.
        if (atHand === undefined || clock.now() >= atHand.expiration.getTime()) throw error;
        return atHand;
      }
    },
  };
}

/** The service answers with HTTP 200 also where it has none to give, and says in `Code` why. */
function credentialsOf(text: string, role: string): InstanceCredentials {
  const { Code, AccessKeyId, SecretAccessKey, Token, Expiration } = fieldsOf(text);
  if (Code === "AssumeRoleUnauthorizedAccess") {
    throw new Failure(
      `EC2 may not assume the role ${role} of this instance's profile (AssumeRoleUnauthorizedAccess), so there are no ` +
        "credentials. The role's trust policy must allow sts:AssumeRole to EC2 (ec2.amazonaws.com), and a role that was " +
        "deleted and made anew must be put into the instance profile once more.",
    );
  }
  if (typeof Code === "string" && Code !== "Success") {
    const named = /^\w{1,64}$/.test(Code) ? ` (${Code})` : "";
    throw new Failure(
      `The metadata service has no credentials of the role ${role}${named}. Check this instance's profile and its role.`,
    );
  }
  const expiration = new Date(typeof Expiration === "string" ? Expiration : Number.NaN);
  if (
    typeof AccessKeyId !== "string" ||
    typeof SecretAccessKey !== "string" ||
    typeof Token !== "string" ||
    Number.isNaN(expiration.getTime())
  ) {
    throw new Failure("The metadata service gave malformed credentials.");
  }
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token, expiration };
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below, without the text: it may hold a secret.
  }
  throw new Failure("The metadata service gave something that is not a JSON object.");
}
