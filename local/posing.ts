import { TimestreamWriteClient, WriteRecordsCommand } from "@aws-sdk/client-timestream-write";
import type { Metadata } from "../agent/metadata.ts";
import type { Answer } from "../agent/registration/answer.ts";
import { registrationAt } from "../agent/registration/call.ts";
import type { KeyFile } from "../agent/state/key-file.ts";
import { functionNameOf, STEPS } from "../functions/steps.ts";
import { NAMES } from "../infra/wiring.ts";
import { recordOf, sampleHash } from "../protocol/index.ts";

/** Where AWS is, and who says that he is an instance: whoever has its credentials, from wherever. */
export interface Posing {
  endpoint: string;
  region: string;
  /** Those of an instance's role. */
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

/** Of which address an impostor says that it is his. */
const IMPOSTORS_IP = "10.6.6.6";

/**
 * Writes one proof with a key that was copied.
 *
 * @param copied what stood in the key file
 */
export async function proveAs(posing: Posing, copied: KeyFile, timeMs: number): Promise<void> {
  const { id, ec2InstanceId, generation, key } = copied;
  const client = new TimestreamWriteClient({ ...posing });
  const hash = sampleHash({ key, id, ec2InstanceId, generation, timeMs });
  try {
    await client.send(
      new WriteRecordsCommand({
        DatabaseName: NAMES.timestreamDatabase,
        TableName: NAMES.timestreamTable,
        Records: [recordOf({ id, ec2InstanceId, generation, timeMs, hash })],
      }),
    );
  } finally {
    client.destroy();
  }
}

/**
 * Asks for an update of a record, signed as one instance.
 *
 * @param impostor the EC2 instance that signs
 * @param id whose record it is
 */
export function askToUpdate(posing: Posing, impostor: string, id: string): Promise<Answer> {
  const { endpoint, region, credentials } = posing;
  const [register] = STEPS;
  const metadata: Metadata = {
    ec2InstanceId: async () => impostor,
    ip: async () => IMPOSTORS_IP,
    region: async () => region,
    partition: async () => "",
    accountId: async () => "",
    credentials: async () => ({ sessionToken: "", ...credentials, expiration: new Date(Date.now() + 3_600_000) }),
  };
  const url = new URL(`/_function-url/${functionNameOf(register)}/`, endpoint);
  return registrationAt(url, metadata.region, metadata)({ id, ip: IMPOSTORS_IP, flag: "update" });
}
