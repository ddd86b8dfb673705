import { readFileSync } from "node:fs";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { describe, expect, test } from "vitest";
import { checkSettings, SETTING_NAMES, SettingsError, sealLogDays } from "../../infra/settings.ts";
import { firstColumn } from "./headings.ts";
import { shippedSettings } from "./synthesized.ts";

const shipped = shippedSettings();

/** What somebody is told who sets that. */
function refusalOf(changes: Record<string, unknown>): string {
  try {
    checkSettings({ ...shipped, ...changes });
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  return "";
}

describe("settings", () => {
  test("those that are shipped are right, and keep samples in Timestream", () => {
    expect(checkSettings(shipped)).toMatchObject({ timeSeries: "timestream", instanceType: "t2.micro" });
  });

  test("an unknown one is named", () => {
    expect(refusalOf({ rotateEveryHour: 3 })).toBe(
      "In cdk.json, keyturn.rotateEveryHour is no setting; docs/deploying.md lists those that there are.",
    );
  });

  test.each([
    ["alertEmails", ["nobody"], "keyturn.alertEmails.0 must be an e-mail address"],
    ["alertEmails", "me@example.com", "keyturn.alertEmails must be a list"],
    ["timeSeries", "influx", 'keyturn.timeSeries must be "timestream" or "dynamodb"'],
    ["formerTimeSeries", "auto", 'keyturn.formerTimeSeries must be "none" or "timestream" or "dynamodb"'],
    ["formerTimeSeries", "timestream", "keyturn.formerTimeSeries must not be what keyturn.timeSeries is"],
    ["nonce", true, 'keyturn.nonce must be "hmac" or "none"'],
    ["rotateEveryHours", 0, "keyturn.rotateEveryHours must be a whole number from 1 to 8760"],
    ["rotateEveryHours", "24", "keyturn.rotateEveryHours must be a whole number from 1 to 8760"],
    ["toleratedFailureShare", 2, "keyturn.toleratedFailureShare must be a number from 0 to 1"],
    ["logRetentionDays", 31, "keyturn.logRetentionDays must be one of 1, 3, 5"],
    ["instanceType", "t2", 'keyturn.instanceType must be an EC2 instance type such as "t2.micro"'],
    ["existingRoles", { Web: "arn" }, "keyturn.existingRoles.Web must be the role's unique ID (AROA…)"],
    ["eventSenders", ["*"], "keyturn.eventSenders.0 must be the ARN of an IAM role or user"],
    ["vpcId", "my-vpc", 'keyturn.vpcId must be "default" or the ID of a VPC'],
    ["drill", { schedule: "monthly" }, 'keyturn.drill.schedule must be "off", or like "rate(30 days)"'],
    ["drill", { schedule: "rate(1 days)" }, 'keyturn.drill.schedule must be "off", or like "rate(30 days)"'],
    ["drill", { schedule: "rate(30 days), off" }, 'keyturn.drill.schedule must be "off", or like "rate(30 days)"'],
    ["audit", { keepYears: 4, bucket: "" }, "keyturn.audit.keepYears must be one of 1, 2, 3, 5, 6, 7, 8, 9, 10"],
    [
      "audit",
      { keepYears: 7, bucket: "Not_A_Bucket" },
      "keyturn.audit.bucket must be the name of an S3 bucket, or empty",
    ],
    ["audit", { keepYears: "7", bucket: "" }, "keyturn.audit.keepYears must be a number of years"],
    [
      "watch",
      { freshnessMinutes: 0, proofMinutes: 60 },
      "keyturn.watch.freshnessMinutes must be a whole number from 1",
    ],
    ["tags", { Team: 1 }, "keyturn.tags.Team must be a text"],
  ])("a malformed %s is stopped with a sentence", (name, value, sentence) => {
    expect(refusalOf({ [name]: value })).toContain(`In cdk.json, ${sentence}`);
  });

  test.each(["rate(1 minutes)", "rate(15 minute)", "every day", "cron(0 3 * *)"])(
    "the schedule %s is refused",
    (expression) => {
      const schedule = { ...(shipped.schedule as object), expression };
      expect(refusalOf({ schedule })).toContain("keyturn.schedule.expression must be like");
    },
  );

  test("a missing one is named", () => {
    const { nonce, ...rest } = shipped;
    expect(nonce).toBe("hmac");
    expect(() => checkSettings(rest)).toThrow(/keyturn\.nonce/);
    expect(() => checkSettings(undefined)).toThrow(/In cdk\.json, keyturn is missing/);
  });

  test("an alarm that would sound before the schedule fires again is refused", () => {
    const schedule = { ...(shipped.schedule as object), expression: "rate(2 hours)" };
    expect(refusalOf({ schedule })).toContain("silentAfterHours must be longer");
  });

  test("proofs cannot be judged more often than it is looked, but as often", () => {
    const watch = { freshnessMinutes: 10, proofMinutes: 9 };
    expect(refusalOf({ watch })).toContain("keyturn.watch.proofMinutes must not be shorter than");
    expect(refusalOf({ watch: { ...watch, proofMinutes: 10 } })).toBe("");
  });

  test("the seals' log is kept for as many days as CloudWatch has for those years", () => {
    const daysOf = (keepYears: number) => sealLogDays(checkSettings({ ...shipped, audit: { keepYears, bucket: "" } }));
    for (const years of [1, 2, 3, 5, 6, 7, 8, 9, 10]) {
      const days = daysOf(years);
      expect(RetentionDays[days], `infra/settings.ts: CloudWatch does not take ${days}`).toBeDefined();
      expect(Math.abs(days - years * 365.25), `${years} years`).toBeLessThan(2);
    }
    expect(() => sealLogDays({ audit: { keepYears: 4, bucket: "" } })).toThrow(RangeError);
  });

  test("docs/deploying.md lists exactly those that there are", () => {
    const text = readFileSync(new URL("../../docs/deploying.md", import.meta.url), "utf8");
    const message =
      "docs/deploying.md, Settings: a row for each setting of infra/settings.ts, and no other; see docs/changing.md";
    expect(firstColumn(text, "Settings").sort(), message).toEqual([...SETTING_NAMES].sort());
  });
});
