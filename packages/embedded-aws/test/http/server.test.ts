import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { expect, onTestFinished, test } from "vitest";
import type { CallRecord } from "../../src/http/dispatcher.ts";
import { Faults } from "../../src/http/faults.ts";
import type { Service } from "../../src/http/service.ts";
import { type EmbeddedOptions, instancePrincipal, startEmbedded } from "./embedded.ts";

const IN_TIME = { timeout: 10_000 };

let done = 0;
const kms: Service = {
  signingName: "kms",
  protocol: { kind: "json", version: "1.1" },
  operations: {
    DescribeKey: () => {
      done += 1;
      return { KeyMetadata: { KeyId: "k" } };
    },
  },
};

async function start(options: EmbeddedOptions = {}) {
  const aws = await startEmbedded(() => [kms], options);
  onTestFinished(() => aws.close());
  return aws;
}

test("a port in use is one clear sentence", async () => {
  const aws = await start();
  const port = Number(new URL(aws.config.endpoint ?? "").port);
  await expect(startEmbedded(() => [], { port })).rejects.toMatchObject({
    code: "EADDRINUSE",
    message: `Port ${port} on 127.0.0.1 is in use by another program.`,
  });
});

test("a body of 10 MB is refused in AWS's form", async () => {
  const aws = await start();
  const response = await fetch(aws.config.endpoint ?? "", { method: "POST", body: Buffer.alloc(10 * 1024 * 1024) });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ __type: "RequestEntityTooLargeException" });
});

test("access keys stay valid when the process starts again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const before = await startEmbedded(() => [kms], { folder });
  const { credentials } = before.config;
  await before.close();
  const after = await start({ folder });
  const client = new KMSClient({ ...after.config, ...(credentials && { credentials }) });
  expect((await client.send(new DescribeKeyCommand({ KeyId: "k" }))).KeyMetadata?.KeyId).toBe("k");
});

test("every call is reported, with its caller and what it came to", async () => {
  const calls: CallRecord[] = [];
  const aws = await start({ onCall: (call) => calls.push(call) });
  await new KMSClient(aws.config).send(new DescribeKeyCommand({ KeyId: "k" }));
  const instance = new KMSClient(aws.configFor(instancePrincipal("i-1")));
  await expect(instance.send(new DescribeKeyCommand({ KeyId: "k" }))).rejects.toMatchObject({
    name: "AccessDeniedException",
  });
  expect(calls).toMatchObject([
    { service: "kms", operation: "DescribeKey", principal: { kind: "operator" } },
    { service: "kms", operation: "DescribeKey", principal: { kind: "instance" }, error: "AccessDeniedException" },
  ]);
  expect(calls[0]).not.toHaveProperty("error");
});

test("a throttled call is not done", async () => {
  const faults = new Faults(1, { calls: [{ service: "kms", share: 0.5, fault: { kind: "throttle" } }] });
  const aws = await start({ faults });
  done = 0;
  const client = new KMSClient({ ...aws.config, maxAttempts: 1 });
  const results = [];
  for (let call = 0; call < 20; call += 1) {
    results.push(
      await client.send(new DescribeKeyCommand({ KeyId: "k" })).then(
        () => "done",
        (error) => error.name,
      ),
    );
  }
  expect(results.filter((result) => result === "done")).toHaveLength(done);
  expect(new Set(results)).toEqual(new Set(["done", "ThrottlingException"]));
});

test("a lost answer: the work is done, and the caller does not hear of it", async () => {
  const aws = await start({
    faults: new Faults(1, { calls: [{ operation: "DescribeKey", share: 1, fault: { kind: "lose-answer" } }] }),
  });
  done = 0;
  const client = new KMSClient({ ...aws.config, maxAttempts: 1 });
  await expect(client.send(new DescribeKeyCommand({ KeyId: "k" }))).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(done).toBe(1);
});

test("a delayed call is done when the clock says so", async () => {
  const waiting: (() => void)[] = [];
  const clock = {
    now: () => Date.now(),
    after(_ms: number, run: () => void) {
      waiting.push(run);
      return () => {};
    },
  };
  const aws = await start({
    clock,
    faults: new Faults(1, { calls: [{ share: 1, fault: { kind: "delay", ms: 400 } }] }),
  });
  const answer = new KMSClient(aws.config).send(new DescribeKeyCommand({ KeyId: "k" }));
  await expect.poll(() => waiting.length, IN_TIME).toBe(1);
  waiting[0]?.();
  expect((await answer).KeyMetadata?.KeyId).toBe("k");
});

test("the same seed gives the same faults however the calls of different operations interleave", () => {
  const [one, other, third] = [new Faults("s"), new Faults("s"), new Faults("t")];
  const series = (faults: Faults, operations: string[]) => operations.map((name) => faults.next("kms", name)?.kind);
  const encrypts = series(one, Array(300).fill("Encrypt"));
  const mixed = series(
    other,
    Array.from({ length: 600 }, (_, index) => (index % 2 ? "Decrypt" : "Encrypt")),
  );
  expect(mixed.filter((_, index) => index % 2 === 0)).toEqual(encrypts);
  expect(new Set(encrypts)).toEqual(new Set([undefined, "throttle", "expired", "delay", "lose-answer"]));
  expect(series(third, Array(300).fill("Encrypt"))).not.toEqual(encrypts);
});
