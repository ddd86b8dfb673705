import { createHash, createHmac } from "node:crypto";

/** AWS credentials; the session token comes with temporary ones. */
export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** What a signature is made for, where it is not what is sent. */
export interface SignedFor {
  /** Milliseconds since 1970. */
  at?: number;
  region?: string;
  service?: string;
  body?: string;
}

/**
 * Posts to a Lambda function URL, signed by hand with Signature Version 4, so that a test may send what no client would.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export async function signedPost(
  address: string,
  body: string,
  keys: Keys,
  { at = Date.now(), region = "us-east-1", service = "lambda", body: signed = body }: SignedFor = {},
): Promise<{ status: number; body: string }> {
  const url = new URL(address);
  const time = new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers: Record<string, string> = {
    host: url.host,
    "x-amz-date": time,
    ...(keys.sessionToken !== undefined && { "x-amz-security-token": keys.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    "POST",
    url.pathname,
    "",
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    sha256(signed),
  ].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const signingKey = scope
    .split("/")
    .reduce(
      (key: string | Buffer, part) => createHmac("sha256", key).update(part).digest(),
      `AWS4${keys.secretAccessKey}`,
    );
  const signature = createHmac("sha256", signingKey).update(toSign).digest("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  const answer = await fetch(url, { method: "POST", body, headers: { ...headers, authorization } });
  return { status: answer.status, body: await answer.text() };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
