import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IAMClient, ListAccessKeysCommand } from "@aws-sdk/client-iam";
import type { EmbeddedAws } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SETTINGS } from "../../../local/demo/settings.ts";
import { expose, playExposure } from "../../../local/exposed/play.ts";
import { DEPLOYER } from "../../../local/exposed/settings.ts";
import { startFleet } from "../../../local/fleet.ts";

let folder: string;
let aws: EmbeddedAws;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  aws = await startFleet({
    folder,
    settings: { ...SETTINGS, watchSeconds: { looks: 3600, proofs: 3600 } },
    scheduleSeconds: 3600,
  });
}, 30_000);
afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true, maxRetries: 10 });
});

/** Plays it without its pauses. @returns what was told, without keys and figures */
async function play(): Promise<string[]> {
  const told: string[] = [];
  const times = { begins: 0, goesOn: 0, noticed: 0, tries: 20, patience: 20_000 };
  await expose(aws, (sentence) => told.push(sentence), AbortSignal.timeout(30_000), times);
  return told.map((sentence) => sentence.replace(/A[KS]IA[A-Z0-9]{16}/g, "KEY").replace(/\d+\.\d s/, "… s"));
}

const TOLD = [
  "THIEF   Somebody has found a key of the user deployer in public, KEY, and uses it.",
  "THIEF   sts:GetCallerIdentity with the key: done.",
  "THIEF   ec2:DescribeInstances with the key: done.",
  "THIEF   sts:GetSessionToken with the key: done.",
  "THIEF   ec2:DescribeInstances with the session KEY: done.",
  "THIEF   iam:CreateUser with the key: done.",
  "THIEF   iam:AttachUserPolicy with the key: refused (AccessDenied).",
  "KEY  is exposed, AWS Health says: AWS_RISK_CREDENTIALS_EXPOSED.",
];
const SHUT = [
  "THIEF   sts:GetCallerIdentity with the key: refused (InvalidClientTokenId), … s after AWS said so.",
  "THIEF   ec2:DescribeInstances with the session: refused (UnauthorizedOperation), … s after AWS said so.",
];

test("the thief is let in until AWS says that the key is exposed; again with a new key, as after each start", async () => {
  for (const told of [await play(), await play()]) {
    expect(told.slice(0, -2)).toEqual(TOLD);
    expect(told.slice(-2).sort()).toEqual([...SHUT].sort());
  }
  const { endpoint, region, credentials } = aws;
  const iam = new IAMClient({ endpoint, region, credentials });
  const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName: DEPLOYER }));
  iam.destroy();
  // A third one could not be drawn.
  expect(AccessKeyMetadata.map(({ Status }) => Status)).toEqual(["Inactive"]);
}, 60_000);

test("a thief who is not refused is told of, and what is cut off is not", async () => {
  const times = { begins: 0, goesOn: 0, noticed: 0, tries: 20, patience: 0 };
  const deaf = { ...aws, events: { ...aws.events, raise: () => {} } };
  const story = expose(deaf as unknown as EmbeddedAws, () => {}, AbortSignal.timeout(30_000), times);
  await expect(story).rejects.toThrow("after 0 s he is still let in. The executions of exposed-key may say why.");
  const told: string[] = [];
  playExposure(aws, (sentence) => told.push(sentence))();
  await new Promise(setImmediate);
  expect(told).toEqual([]);
});
