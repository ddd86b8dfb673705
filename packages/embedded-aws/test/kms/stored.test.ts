import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { expect, onTestFinished, test } from "vitest";
import { Kms } from "../../src/kms/kms.ts";
import { startEmbedded } from "../http/embedded.ts";

test("what was encrypted is decrypted after the process started again; nobody but the owner can read the keys", async () => {
  const parent = mkdtempSync(join(tmpdir(), "embedded-aws-"));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const folder = join(parent, "made");
  const start = () => startEmbedded((parts) => [new Kms(parts).service], { folder });
  const before = await start();
  const client = new KMSClient(before.config);
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
  const encrypt = new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from("text") });
  const { CiphertextBlob } = await client.send(encrypt);
  await before.close();
  expect((statSync(folder).mode & 0o777).toString(8)).toBe("700");
  const after = await start();
  onTestFinished(() => after.close());
  const { Plaintext } = await new KMSClient(after.config).send(new DecryptCommand({ CiphertextBlob }));
  expect(Buffer.from(Plaintext ?? []).toString()).toBe("text");
});
