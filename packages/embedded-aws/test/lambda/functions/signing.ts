import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";

const client = new KMSClient();

/** Calls KMS again and again, each time after a turn of the event loop, so that others come in between. */
export async function handler({ times }: { times: number }): Promise<string> {
  for (let count = 0; count < times; count += 1) {
    await client.send(new DescribeKeyCommand({ KeyId: process.env.KEY ?? "" }));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.env.AWS_ACCESS_KEY_ID ?? "";
}
