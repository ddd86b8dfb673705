import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { heedArguments, regionOf } from "../../../infra/deploy/place.ts";

function heeded(args: string[], env: NodeJS.ProcessEnv = {}) {
  const changed = { ...env };
  heedArguments(args, changed);
  return changed;
}

describe("cdk's arguments and variables", () => {
  test("say for our questions, too, for whom and where", () => {
    expect(heeded(["--profile", "prod", "--region", "eu-west-1"])).toEqual({
      AWS_PROFILE: "prod",
      AWS_REGION: "eu-west-1",
    });
    expect(heeded(["--profile=prod", "--region=eu-west-1"])).toEqual({ AWS_PROFILE: "prod", AWS_REGION: "eu-west-1" });
  });

  test("come before the environment, whose Region may have several names", () => {
    expect(heeded(["--region", "eu-west-1"], { AWS_REGION: "us-east-1" })).toEqual({ AWS_REGION: "eu-west-1" });
    expect(heeded([], { AWS_DEFAULT_REGION: "us-east-1" })).toMatchObject({ AWS_REGION: "us-east-1" });
    expect(heeded([], { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "us-east-1" })).toMatchObject({
      AWS_REGION: "eu-west-1",
    });
    expect(heeded(["--force"], { AWS_PROFILE: "mine" })).toEqual({ AWS_PROFILE: "mine" });
  });

  test("name the same account to our questions as to cdk, which knows AWS_DEFAULT_PROFILE and takes keys before a profile", () => {
    const keys = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI" };
    expect(heeded([], { AWS_DEFAULT_PROFILE: "mine" })).toMatchObject({ AWS_PROFILE: "mine" });
    expect(heeded([], { AWS_PROFILE: "mine", AWS_DEFAULT_PROFILE: "other" })).toMatchObject({ AWS_PROFILE: "mine" });
    for (const name of ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]) {
      expect(heeded([], { ...keys, [name]: "mine" })).toEqual({ ...keys, AWS_DEFAULT_PROFILE: "mine" });
    }
    expect(heeded(["--profile", "prod"], { ...keys, AWS_PROFILE: "mine" })).toMatchObject({ AWS_PROFILE: "prod" });
  });

  test("have the Region of the profile, which cdk is told, too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "keyturn-place-"));
    const AWS_CONFIG_FILE = join(folder, "config");
    writeFileSync(AWS_CONFIG_FILE, "[profile mine]\nregion = eu-north-1\n");
    vi.stubEnv("AWS_CONFIG_FILE", AWS_CONFIG_FILE);
    for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"]) vi.stubEnv(name, undefined);
    const env: NodeJS.ProcessEnv = { AWS_DEFAULT_PROFILE: "mine" };
    expect(await regionOf(env)).toBe("eu-north-1");
    expect(env.AWS_REGION).toBe("eu-north-1");
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
});
