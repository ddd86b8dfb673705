import type { Received, Reply } from "./server.ts";

/** The EC2 instance metadata service (version 2) of one instance. */
export class MetadataService {
  ec2InstanceId = "i-0123456789abcdef0";
  ip: string | undefined = "10.0.0.1";
  /** While false, every call fails with HTTP 503. */
  reachable = true;
  /** When the credentials that it gives end. */
  expiration = new Date("2100-01-01T00:00:00Z");
  credentialsGiven = 0;
  accessKeyId = "ASIAEXAMPLE";
  /** While set, it answers with this code in place of credentials, by HTTP 200 as EC2 does. */
  withheld: string | undefined;
  #tokens = new Set<string>();

  get tokensGiven(): number {
    return this.#tokens.size;
  }

  forgetTokens(): void {
    this.#tokens.clear();
  }

  handle({ method, path, headers }: Received): Reply {
    if (!this.reachable) return { status: 503, body: "" };
    if (method === "PUT" && path === "/latest/api/token") {
      if (headers["x-aws-ec2-metadata-token-ttl-seconds"] === undefined) return { status: 400, body: "" };
      const token = `token-${this.#tokens.size}-${Math.random()}`;
      this.#tokens.add(token);
      return { status: 200, body: token };
    }
    if (!this.#tokens.has(String(headers["x-aws-ec2-metadata-token"]))) return { status: 401, body: "" };
    const text = this.#text(path);
    return text === undefined ? { status: 404, body: "" } : { status: 200, body: text };
  }

  #text(path: string): string | undefined {
    switch (path) {
      case "/latest/meta-data/instance-id":
        return this.ec2InstanceId;
      case "/latest/meta-data/local-ipv4":
        return this.ip;
      case "/latest/meta-data/ipv6":
        return "2001:db8::1";
      case "/latest/meta-data/placement/region":
        return "us-east-1";
      case "/latest/meta-data/services/partition":
        return "aws";
      case "/latest/dynamic/instance-identity/document":
        return JSON.stringify({ accountId: "000000000000", instanceId: this.ec2InstanceId, region: "us-east-1" });
      case "/latest/meta-data/iam/security-credentials/":
        return "KeyturnInstance";
      case "/latest/meta-data/iam/security-credentials/KeyturnInstance":
        if (this.withheld !== undefined) return JSON.stringify({ Code: this.withheld, Message: "as EC2 puts it" });
        this.credentialsGiven += 1;
        return JSON.stringify({
          Code: "Success",
          AccessKeyId: this.accessKeyId,
          SecretAccessKey: "example-secret",
          Token: "example-session",
          Expiration: this.expiration.toISOString(),
        });
      default:
        return undefined;
    }
  }
}
