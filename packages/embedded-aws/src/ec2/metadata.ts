import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { AccessKey } from "../http/credentials.ts";
import type { Parts } from "../parts.ts";
import { ACCOUNT, PARTITION, REGION } from "../place.ts";

const LONGEST_TOKEN_SECONDS = 21_600;
const CREDENTIALS_MS = 6 * 3_600_000;
/** New credentials are handed out while the former ones are still good for this long. */
const OVERLAP_MS = 600_000;

export interface MetadataSource {
  ec2InstanceId: string;
  /** The name of the role whose credentials these are. */
  roleName: string;
  launched: number;
  ip: () => string;
  issueCredentials: () => AccessKey;
}

/** The metadata service of one instance (IMDSv2 only), on a port of its own since clients drop any path. */
export class MetadataServer {
  readonly #parts: Parts;
  readonly #source: MetadataSource;
  readonly #server: Server;
  /** When each token ends, in milliseconds since 1970. */
  readonly #tokens = new Map<string, number>();
  #credentials: { issued: AccessKey; since: number } | undefined;

  constructor(parts: Parts, source: MetadataSource) {
    this.#parts = parts;
    this.#source = source;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** @returns the endpoint, `http://127.0.0.1:port` */
  start(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", () => {
        resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const [status, body] = this.#respond(request);
    response.writeHead(status, { "content-type": "text/plain" }).end(body);
  }

  #respond({ method, url = "", headers }: IncomingMessage): [status: number, body: string] {
    if (url === "/latest/api/token") {
      // A request that came through a proxy gets no token, as on AWS.
      if (headers["x-forwarded-for"] !== undefined) return [403, ""];
      return method === "PUT" ? this.#newToken(headers["x-aws-ec2-metadata-token-ttl-seconds"]) : [405, ""];
    }
    if (!this.#isValid(headers["x-aws-ec2-metadata-token"])) return [401, ""];
    if (method !== "GET") return [405, ""];
    const text = this.#text(url.replace(/\/$/, ""));
    return text === undefined ? [404, ""] : [200, text];
  }

  #newToken(ttl: string | string[] | undefined): [number, string] {
    const seconds = Number(ttl);
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST_TOKEN_SECONDS) return [400, ""];
    const now = this.#parts.clock.now();
    for (const [token, end] of this.#tokens) if (end <= now) this.#tokens.delete(token);
    const token = this.#parts.random(42).toString("base64url");
    this.#tokens.set(token, now + seconds * 1000);
    return [200, token];
  }

  #isValid(token: string | string[] | undefined): boolean {
    return typeof token === "string" && (this.#tokens.get(token) ?? 0) > this.#parts.clock.now();
  }

  #text(path: string): string | undefined {
    switch (path) {
      case "/latest/meta-data/instance-id":
        return this.#source.ec2InstanceId;
      case "/latest/meta-data/local-ipv4":
        return this.#source.ip();
      case "/latest/meta-data/placement/region":
        return REGION;
      case "/latest/meta-data/services/partition":
        return PARTITION;
      case "/latest/meta-data/placement/availability-zone":
        return `${REGION}a`;
      case "/latest/meta-data/iam/security-credentials":
        return this.#source.roleName;
      case `/latest/meta-data/iam/security-credentials/${this.#source.roleName}`:
        return this.#credentialsDocument();
      case "/latest/dynamic/instance-identity/document":
        return this.#identityDocument();
      default:
        return undefined;
    }
  }

  #credentialsDocument(): string {
    const now = this.#parts.clock.now();
    if (this.#credentials === undefined || now - this.#credentials.since > CREDENTIALS_MS - OVERLAP_MS) {
      this.#credentials = { issued: this.#source.issueCredentials(), since: now };
    }
    const { issued, since } = this.#credentials;
    return JSON.stringify({
      Code: "Success",
      LastUpdated: seconds(since),
      Type: "AWS-HMAC",
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      Token: issued.sessionToken,
      Expiration: seconds(since + CREDENTIALS_MS),
    });
  }

  #identityDocument(): string {
    return JSON.stringify({
      accountId: ACCOUNT,
      architecture: "x86_64",
      availabilityZone: `${REGION}a`,
      imageId: "ami-00000000000000000",
      instanceId: this.#source.ec2InstanceId,
      instanceType: "t2.micro",
      pendingTime: seconds(this.#source.launched),
      privateIp: this.#source.ip(),
      region: REGION,
      version: "2017-09-30",
    });
  }
}

/** Without the milliseconds, as the metadata service writes it. */
function seconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
