import type { Place } from "../functions/clients/aws-under-test.ts";

/** A queue in SQS. */
export interface Queue {
  url: string;
  arn: string;
  /** The bodies of all messages that have come so far. */
  received(): Promise<string[]>;
}

/**
 * Makes a queue. Keyturn has no client for SQS, and what is asked of it here is too little for one more package; the
 * emulators read of a signature only which service it is for.
 */
export async function createQueue({ endpoint, region, credentials }: Place, name: string): Promise<Queue> {
  const scope = `${credentials.accessKeyId}/20260101/${region}/sqs/aws4_request`;
  const headers = {
    "content-type": "application/x-amz-json-1.0",
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
  };
  async function call(operation: string, input: object) {
    const target = { "x-amz-target": `AmazonSQS.${operation}` };
    const answer = await fetch(endpoint, {
      method: "POST",
      headers: { ...headers, ...target },
      body: JSON.stringify(input),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`SQS refused ${operation}: ${text}`);
    return JSON.parse(text || "{}");
  }

  // What was received is not given again for longer than any test runs.
  const { QueueUrl } = await call("CreateQueue", { QueueName: name, Attributes: { VisibilityTimeout: "3600" } });
  const { Attributes } = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["QueueArn"] });
  const bodies: string[] = [];
  return {
    url: QueueUrl,
    arn: Attributes.QueueArn,
    async received() {
      const { Messages = [] } = await call("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 });
      bodies.push(...Messages.map(({ Body }: { Body: string }) => Body));
      return bodies;
    },
  };
}
