import { describe, expect, test } from "vitest";
import { checkDeployable } from "../../infra/deploy.ts";
import { checkSettings } from "../../infra/settings.ts";
import { shippedSettings } from "./synthesized.ts";

const settings = checkSettings({ ...shippedSettings(), alertEmails: ["operations@example.com"] });
const named = (name: string) => async () => {
  throw Object.assign(new Error("what AWS says"), { name });
};

describe("before a deployment", () => {
  test("AWS is asked whether the account can use Timestream, and nothing is wrong if it can", async () => {
    let asked = 0;
    await checkDeployable(settings, async () => {
      asked += 1;
    });
    expect(asked).toBe(1);
  });

  test("an account that cannot use Timestream is told so, with the line to change", async () => {
    const check = checkDeployable(settings, named("AccessDeniedException"));
    await expect(check).rejects.toThrow(/before 20 June 2025(.|\n)*"timeSeries": "dynamodb"/);
  });

  test("that AWS could not be asked is another matter, and says why", async () => {
    const check = checkDeployable(settings, named("CredentialsProviderError"));
    await expect(check).rejects.toThrow(/could not be asked .*: what AWS says/);
  });

  test("with DynamoDB, Timestream is not asked about", async () => {
    await checkDeployable({ ...settings, timeSeries: "dynamodb" }, named("AccessDeniedException"));
  });

  test("without anybody to tell, nothing is deployed", async () => {
    const check = checkDeployable({ ...settings, alertEmails: [] }, async () => {});
    await expect(check).rejects.toThrow(/alertEmails/);
  });
});
