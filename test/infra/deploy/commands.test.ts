import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const INFRA = fileURLToPath(new URL("../../../infra", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "keyturn-commands-"));
afterAll(() => rmSync(home, { recursive: true }));

/** Runs a command as `npm run` does, for somebody who has nothing of this machine's own configuration. */
function run(command: string, env: Record<string, string> = {}): Promise<{ code: number; out: string; error: string }> {
  const { NODE_COMPILE_CACHE } = process.env;
  const nothing = { PATH: "/usr/bin:/bin", HOME: home, AWS_EC2_METADATA_DISABLED: "true", NODE_COMPILE_CACHE };
  const [file = "", ...args] = command.split(" ");
  return new Promise((resolve) => {
    execFile(process.execPath, [join(INFRA, file), ...args], { env: { ...nothing, ...env } }, (failure, out, error) => {
      resolve({ code: typeof failure?.code === "number" ? failure.code : 0, out, error });
    });
  });
}

describe.each(["deploy.ts", "destroy.ts", "cdk.ts diff"])("%s", (command) => {
  test("without a Region asks for one, in a sentence", async () => {
    const error = "In which Region? Say it as for the AWS CLI, e.g. by AWS_REGION=eu-west-1.\n";
    expect(await run(command)).toEqual({ code: 1, out: "", error });
  });

  test("without credentials says so, and what to do", async () => {
    const { code, out, error } = await run(command, { AWS_REGION: "eu-west-1" });
    expect([code, out]).toEqual([1, ""]);
    expect(error).toMatch(/^AWS does not know who asks: Could not load credentials[^\n]*\nGive credentials [^\n]*\n$/);
  });

  test("with an endpoint that is no URL says so", async () => {
    const credentials = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI" };
    const { code, error } = await run(command, {
      ...credentials,
      AWS_REGION: "eu-west-1",
      AWS_ENDPOINT_URL: "nowhere",
    });
    expect(code).toBe(1);
    expect(error).toMatch(/^AWS cannot be reached: an AWS_ENDPOINT_URL… that is set is no URL\n$/);
  });

  test("with a profile that there is not names it", async () => {
    const { code, error } = await run(command, { AWS_REGION: "eu-west-1", AWS_PROFILE: "mispelt" });
    expect(code).toBe(1);
    expect(error).toMatch(/^AWS does not know who asks: [^\n]*, by the profile mispelt\nGive [^\n]*\n$/);
  });

  test("without a way to AWS says so", async () => {
    const credentials = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI" };
    const there = { AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
    const { code, error } = await run(command, { ...credentials, ...there });
    expect(code).toBe(1);
    expect(error).toMatch(/^AWS cannot be reached: [^\n]+\n$/);
  });
});

test.each(["me-central-1", "cn-north-1"])("deploy.ts refuses %s before it asks for credentials", async (region) => {
  const { code, error } = await run("deploy.ts", { AWS_REGION: region });
  expect(code).toBe(1);
  expect(error).toMatch(new RegExp(`^Nothing was deployed\\.\n\\* Keyturn cannot be deployed in ${region}: [^\n]*\n$`));
});
