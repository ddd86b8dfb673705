import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { DynamoDb } from "../../src/dynamodb/dynamodb.ts";
import { type Embedded, startEmbedded } from "../http/embedded.ts";

async function open(folder: string): Promise<{ aws: Embedded; service: DynamoDb }> {
  const opened: DynamoDb[] = [];
  const aws = await startEmbedded((parts) => {
    const service = new DynamoDb(parts, folder);
    opened.push(service);
    return [service];
  });
  const [service] = opened;
  if (service === undefined) throw new Error("no service was made");
  onTestFinished(async () => {
    await aws.close();
    await service.close();
  });
  return { aws, service };
}

test("what was acknowledged survives SIGKILL, and a folder in use is refused with a sentence", async () => {
  const folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const writer = spawn(process.execPath, [join(import.meta.dirname, "writer.ts"), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let last = -1;
  for await (const line of createInterface(writer.stdout)) {
    last = Number(line);
    if (last === 100) {
      const { service } = await open(folder);
      await expect(service.start()).rejects.toThrow(`The DynamoDB tables in ${folder} cannot be opened`);
      writer.kill("SIGKILL");
    }
  }
  const { aws, service } = await open(folder);
  await service.start();
  const { Items } = await new DynamoDBClient(aws.config).send(new ScanCommand({ TableName: "numbers" }));
  const found = (Items ?? []).map((item) => Number(item.n?.N)).sort((a, b) => a - b);
  expect(last).toBeGreaterThanOrEqual(100);
  expect(found.slice(0, last + 1)).toEqual(Array.from({ length: last + 1 }, (_, n) => n));
  expect(found.length).toBeLessThanOrEqual(last + 2);
});
