import { S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { s3SealArchive, sealArchive } from "../../../functions/clients/seal-archive.s3.ts";
import { hex64Of, NOW } from "../support.ts";
import { answering, nameOf } from "./answering.ts";

// The embedded AWS has no S3; emulators that have are asked in test/second-opinion. Here is what goes over the wire.

const SEAL = { previous: "", day: "2026-11-26", heads: [], digest: hex64Of("seal") };

function client(statusCode: number, code = "") {
  const asked: { path?: string; headers?: Record<string, string> }[] = [];
  const answer = answering([{ statusCode, body: code && `<Error><Code>${code}</Code></Error>` }]);
  const { handle } = answer.requestHandler;
  answer.requestHandler.handle = async (request) => {
    asked.push(request as (typeof asked)[number]);
    return handle(request);
  };
  return { asked, archive: s3SealArchive(new S3Client(answer as never), "seals-of-the-account", "blue-seals/") };
}

test("it is put where none is, and locked in compliance mode until its time is up", async () => {
  const { asked, archive } = client(200);
  expect(await archive.keep(SEAL, NOW)).toBe(true);
  const [{ path, headers } = {}] = asked;
  expect(path).toBe("/blue-seals/2026-11-26.json");
  expect(headers).toMatchObject({
    "if-none-match": "*",
    "x-amz-object-lock-mode": "COMPLIANCE",
    "x-amz-object-lock-retain-until-date": "2026-11-20T03:00:00Z",
    // Without one, a bucket with Object Lock takes nothing.
    "x-amz-checksum-crc32": expect.any(String),
  });
});

test.each([
  [412, "PreconditionFailed", "not thrown: false"],
  [503, "SlowDown", "TemporarilyUnavailable"],
  [403, "AccessDenied", "AccessDenied"],
  [404, "NoSuchBucket", "NoSuchBucket"],
])("S3 says %i %s: %s", async (statusCode, code, name) => {
  expect(await nameOf(client(statusCode, code).archive.keep(SEAL, NOW))).toBe(name);
});

test("without a bucket it is kept nowhere, and nothing is asked", async () => {
  const settings = { SEAL_BUCKET: "", NAME_PREFIX: "keyturn", FLEET_ACCOUNT: "000000000000" };
  const { keep } = sealArchive(settings as Parameters<typeof sealArchive>[0]);
  expect(await keep(SEAL, NOW)).toBe(false);
});
