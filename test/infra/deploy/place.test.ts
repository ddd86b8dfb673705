import { describe, expect, test } from "vitest";
import { heedArguments } from "../../../infra/deploy/place.ts";

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
});
