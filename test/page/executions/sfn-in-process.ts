import { Readable } from "node:stream";
import { SFNClient } from "@aws-sdk/client-sfn";
import { AwsError, type StepFunctions } from "embedded-aws";

/** The AWS SDK's own client of a Step Functions in this process: it writes and reads what goes over the wire, and there is none. */
export function clientOf({ operations }: StepFunctions["service"]): SFNClient {
  return new SFNClient({
    ...{ endpoint: "http://in-process", region: "us-east-1", maxAttempts: 1 },
    credentials: { accessKeyId: "made-up", secretAccessKey: "made-up" },
    requestHandler: {
      async handle({ headers, body }: { headers: Record<string, string>; body: Uint8Array }) {
        const [, operation = ""] = (headers["x-amz-target"] ?? "").split(".");
        try {
          const answer = await operations[operation]?.(
            JSON.parse(new TextDecoder().decode(body)) as never,
            {} as never,
          );
          return { response: responseOf(200, answer ?? {}) };
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          return { response: responseOf(error.status, { __type: error.code, message: error.message }) };
        }
      },
    },
  });
}

function responseOf(statusCode: number, body: unknown) {
  const headers = { "content-type": "application/x-amz-json-1.0" };
  return { statusCode, headers, body: Readable.from([Buffer.from(JSON.stringify(body))]) };
}
