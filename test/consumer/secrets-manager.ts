import { type Received, type Reply, type Server, serve } from "../agent/fakes/server.ts";

/** Secrets Manager on loopback, in its wire form: one secret, and its call `GetSecretValue`. */
export class SecretsManager {
  current: { versionId: string; value: string } | undefined;
  /** While set, calls are refused for this reason. */
  refusal: string | undefined;
  /** While set, this is answered as it stands. */
  raw: Reply;
  calls = 0;
  /** The secret that was asked for last. */
  asked: string | undefined;
  #server: Server | undefined;

  async start(): Promise<void> {
    this.#server = await serve((request) => this.handle(request));
  }

  get endpoint(): string {
    if (this.#server === undefined) throw new Error("it is not started");
    return this.#server.url.origin;
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  handle({ headers, body }: Received): Reply {
    this.calls += 1;
    if (this.raw !== undefined) return this.raw;
    if (headers["x-amz-target"] !== "secretsmanager.GetSecretValue") return refused("UnknownOperationException");
    this.asked = JSON.parse(body).SecretId;
    if (this.refusal !== undefined) return refused(this.refusal, this.refusal === "InternalServiceError" ? 500 : 400);
    if (this.current === undefined) return refused("ResourceNotFoundException");
    const { versionId, value } = this.current;
    const answer = {
      ARN: "arn:aws:secretsmanager:us-east-1:000000000000:secret:orders/db-AbCdEf",
      CreatedDate: 1_763_600_000.123,
      Name: "orders/db",
      SecretString: value,
      VersionId: versionId,
      VersionStages: ["AWSCURRENT"],
    };
    return { status: 200, body: JSON.stringify(answer) };
  }
}

function refused(name: string, status = 400): Reply {
  return { status, body: JSON.stringify({ __type: name, Message: "It says why.\nAnd more, with a signature." }) };
}
