import { readFileSync } from "node:fs";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { describe, expect, test } from "vitest";
import { SHIPPED_PREFIX } from "../../functions/shared/names.ts";
import { checkSettings, SETTING_NAMES, SettingsError, sealLogDays } from "../../infra/settings.ts";
import { guardDutyPattern, NAMES, namesOf } from "../../infra/wiring.ts";
import { firstColumn } from "./headings.ts";
import { shippedSettings } from "./synthesized.ts";

const shipped = shippedSettings();
const ROLE_ID = "AROAEXAMPLEEXAMPLE";
const DEPLOYER = "arn:aws:iam::111122223333:role/Deployer";
const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`Tag${i}`, "a"]));
const scheduled = (changes: Record<string, unknown>) => ({
  schedule: { ...(shipped.schedule as object), ...changes },
});

const exposed = (changes: Record<string, unknown>) => ({ ...(shipped.exposedKeys as object), ...changes });

/** What somebody is told who sets that. */
function refusalOf(changes: Record<string, unknown>, region?: string): string {
  try {
    checkSettings({ ...shipped, ...changes }, { now: Date.parse("2026-11-27T12:00:00Z"), region });
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  return "";
}

describe("settings", () => {
  test("those that are shipped are right, and need no other edit than an address", () => {
    expect(checkSettings(shipped)).toMatchObject({ alertEmails: [], timeSeries: "auto", instanceType: "t2.micro" });
    // What local/ and tests deploy is named as what is shipped.
    expect([namesOf(String(shipped.stackName)), NAMES.prefix]).toEqual([NAMES, SHIPPED_PREFIX]);
  });

  test("the Regions in which exposed keys are looked up are of the deployment's partition, once they are shut", () => {
    const [off, on] = ["off", "on"].map((deploy) => ({ exposedKeys: exposed({ deploy }) }));
    expect([refusalOf(off ?? {}, "cn-north-1"), refusalOf(on ?? {}, "eu-west-1"), refusalOf(on ?? {})]).toEqual([
      "",
      "",
      "",
    ]);
    const inChina =
      'keyturn.exposedKeys.regions must be of the partition aws-cn, as cn-north-1 is; "us-east-1" and 16 more are not.';
    expect(refusalOf(on ?? {}, "cn-north-1")).toContain(inChina);
    const china = { exposedKeys: exposed({ deploy: "alone", regions: ["cn-north-1", "cn-northwest-1"] }) };
    expect(refusalOf(china, "cn-north-1")).toBe("");
    const elsewhere = exposed({
      regions: ["eu-west-1", "us-gov-west-1", "me-central-1", "mx-central-1", "eusc-de-east-1"],
    });
    expect(refusalOf({ exposedKeys: elsewhere })).not.toContain("the name of a Region");
  });

  test("the longest list of GuardDuty's types, of the shortest, fits into a rule", () => {
    const guardDuty = Array.from({ length: 66 }, (_, i) => `A${String.fromCharCode(97 + (i % 26), 97 + i / 26)}:B1/*`);
    expect(refusalOf({ exposedKeys: exposed({ guardDuty }) })).toBe("");
    expect(guardDuty.join().length).toBeGreaterThan(590);
    expect(JSON.stringify(guardDutyPattern(guardDuty)).length).toBeLessThan(2048);
  });

  test("an unknown one is named", () => {
    expect(refusalOf({ rotateEveryHour: 3 })).toBe(
      "In cdk.json, keyturn.rotateEveryHour is no setting; docs/deploying.md lists those that there are.\n" +
        "docs/deploying.md says what each setting means.",
    );
  });

  test.each([
    ["alertEmails", ["nobody"], 'keyturn.alertEmails.0 must be an e-mail address; it is "nobody".'],
    ["alertEmails", ["me@example.com", "Me@example.com"], 'keyturn.alertEmails.1 is "me@example.com" once more.'],
    ["alertEmails", [3, "me@example.com"], "keyturn.alertEmails.0 must be an e-mail address; it is 3."],
    ["alertEmails", "me@example.com", "keyturn.alertEmails must be a list"],
    ["timeSeries", "influx", 'keyturn.timeSeries must be "auto" or "timestream" or "dynamodb"'],
    ["formerTimeSeries", "auto", 'keyturn.formerTimeSeries must be "none" or "timestream" or "dynamodb"'],
    ["formerTimeSeries", "dynamodb", "keyturn.timeSeries must name where samples go while keyturn.formerTimeSeries"],
    ["nonce", true, 'keyturn.nonce must be "hmac" or "none"'],
    ["rotateEveryHours", 0, "keyturn.rotateEveryHours must be a whole number from 1 to 8760"],
    ["rotateEveryHours", "24", "keyturn.rotateEveryHours must be a whole number from 1 to 8760"],
    ["toleratedFailureShare", 2, "keyturn.toleratedFailureShare must be a number from 0 to 1"],
    ["logRetentionDays", 31, "keyturn.logRetentionDays must be one of 1, 3, 5"],
    ["logRetentionDays", 9999, "keyturn.logRetentionDays must be one of 1, 3, 5"],
    ["instanceType", "t2", 'keyturn.instanceType must be an EC2 instance type such as "t2.micro"'],
    ["instanceType", "t9.mega", "keyturn.instanceType must be an EC2 instance type that @aws-sdk/client-ec2 knows"],
    ["instanceType", "mac2-m2.metal", "keyturn.instanceType must be one that Amazon Linux 2023 runs on"],
    ["existingRoles", { Web: "arn" }, "keyturn.existingRoles.Web must be the role's unique ID (AROA…)"],
    [
      "existingRoles",
      { "arn:aws:iam::111122223333:role/Web": ROLE_ID },
      "keyturn.existingRoles.arn:aws:iam::111122223333:role/Web must be the name of an IAM role alone",
    ],
    ["existingRoles", { "team/Web": ROLE_ID }, "keyturn.existingRoles.team/Web must be the name of an IAM role alone"],
    [
      "existingRoles",
      { Web: ROLE_ID, Shop: ROLE_ID },
      "keyturn.existingRoles.Shop has the unique ID of Web; each role has one of its own.",
    ],
    [
      "existingRoles",
      { "KeyturnInstance-eu-west-1": ROLE_ID },
      "keyturn.existingRoles.KeyturnInstance-eu-west-1 must be a role that was there before",
    ],
    ["eventSenders", ["*"], "keyturn.eventSenders.0 must be the ARN of an IAM role or user"],
    ["eventSenders", [DEPLOYER, DEPLOYER], `keyturn.eventSenders.1 is "${DEPLOYER}" once more.`],
    [
      "eventSenders",
      [DEPLOYER, "arn:aws-cn:iam::111122223333:role/Deployer"],
      "keyturn.eventSenders.1 must begin with arn:aws:, as of the first one",
    ],
    ["exposedKeys", exposed({ deploy: "yes" }), 'keyturn.exposedKeys.deploy must be "off" or "on" or "alone"'],
    ["exposedKeys", exposed({ then: "forget" }), 'keyturn.exposedKeys.then must be "deactivate" or "delete"'],
    ["exposedKeys", exposed({ denySessions: "no" }), "keyturn.exposedKeys.denySessions must be true or false"],
    [
      "exposedKeys",
      exposed({ lookBackHours: 2161 }),
      "keyturn.exposedKeys.lookBackHours must be a whole number from 1",
    ],
    ["exposedKeys", exposed({ regions: [] }), "keyturn.exposedKeys.regions are 0, and must be 1 to 50."],
    ["exposedKeys", exposed({ regions: ["Ohio"] }), "keyturn.exposedKeys.regions.0 must be the name of a Region"],
    [
      "exposedKeys",
      exposed({ regions: ["us-east-1", "us-east-1"] }),
      'keyturn.exposedKeys.regions.1 is "us-east-1" once more.',
    ],
    [
      "exposedKeys",
      exposed({ regions: ["eu-west-1", "us-east-2"] }),
      "keyturn.exposedKeys.regions must have us-east-1 in it, where CloudTrail has the calls to IAM",
    ],
    [
      "exposedKeys",
      exposed({ regions: ["us-east-1", "cn-north-1"] }),
      'keyturn.exposedKeys.regions must be of the partition aws, as us-east-1 is; "cn-north-1" is not.',
    ],
    ["exposedKeys", exposed({ guardDuty: ["*"] }), "keyturn.exposedKeys.guardDuty.0 must be like"],
    ["exposedKeys", exposed({ guardDuty: ["Recon:IAMUser/"] }), "keyturn.exposedKeys.guardDuty.0 must be like"],
    ["exposedKeys", exposed({ guardDuty: ["Recon:*/Tor*x"] }), "keyturn.exposedKeys.guardDuty.0 must be like"],
    [
      "exposedKeys",
      exposed({ guardDuty: Array.from({ length: 40 }, (_, i) => `Recon:IAMUser/Tor${i}`) }),
      "keyturn.exposedKeys.guardDuty are 789 characters long together, and must be 600 at the most",
    ],
    ["vpcId", "my-vpc", 'keyturn.vpcId must be "default" or the ID of a VPC'],
    ["vpcId", "vpc-0123456789", 'keyturn.vpcId must be "default" or the ID of a VPC'],
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
    ["tags", { "aws:team": "a" }, "keyturn.tags.aws:team has a name that begins with aws:"],
    ["tags", { "": "a" }, "keyturn.tags. has a name that must be 1 to 128 characters long."],
    ["tags", { ["T".repeat(129)]: "a" }, `keyturn.tags.${"T".repeat(129)} has a name that must be 1 to 128`],
    ["tags", { "Team?": "a" }, "keyturn.tags.Team? has a name that must be of letters, digits, spaces and"],
    ["tags", { Team: "a".repeat(257) }, "keyturn.tags.Team has a value that must be of up to 256"],
    ["tags", { Team: "a", team: "b" }, "keyturn.tags.team is Team once more"],
    ["tags", { keyturn: "instance" }, "keyturn.tags.keyturn must have another name"],
    ["tags", tags(49), "keyturn.tags are 49, and must be 48 at the most."],
    ...[
      "",
      "Ab",
      "1Blue",
      "Key-turn",
      "Blue Two",
      "AwsKeys",
      "amazonKeys",
      "AMZN1",
      "Default",
      "CDKToolkit",
      "name",
    ].map((name): [string, unknown, string] => [
      "stackName",
      name,
      "keyturn.stackName must be 3 to 20 letters and digits",
    ]),
    ["permissionsBoundary", "arn:aws:iam::111122223333:policy/B", "keyturn.permissionsBoundary must be the name of"],
    ["bootstrapQualifier", "", "keyturn.bootstrapQualifier must be the qualifier"],
  ])("a malformed %s is stopped with a sentence", (name, value, sentence) => {
    expect(refusalOf({ [name]: value })).toContain(`In cdk.json, ${sentence}`);
  });

  test.each([
    ...[2922, 3288, 3653].map((logRetentionDays) => ({ logRetentionDays })),
    ...["u-6tb1.metal", "u7i-12tb.224xlarge", "c8gn.large"].map((instanceType) => ({ instanceType })),
    { alertEmails: ["first.last+keyturn@mail.example.com", "o'neill@example.com"] },
    { existingRoles: { "Web+Server=1,@a.b-c": ROLE_ID } },
    { eventSenders: ["arn:aws:iam::111122223333:role/team/*", "arn:aws:iam::444455556666:user/me"] },
    { audit: { keepYears: 10, bucket: "seals.example.com" } },
    { tags: { ...tags(47), "Kosten/stelle: Zürich": "" } },
    { drill: { schedule: "cron(0 9 ? * MON#1 *)" } },
  ])("%j is taken", (changes) => {
    expect(refusalOf(changes)).toBe("");
  });

  test.each(["rate(1 minutes)", "rate(15 minute)", "rate(0 hours)", "every day", "at(2027-01-01T00:00:00)"])(
    "the schedule %s is refused",
    (expression) => {
      expect(refusalOf(scheduled({ expression }))).toContain("keyturn.schedule.expression must be like");
    },
  );

  test("a cron that is none is refused by its field, of the drill, too", () => {
    const fault = 'has "61" as minutes, which must be 0 to 59';
    expect(refusalOf(scheduled({ expression: "cron(61 3 * * ? *)" }))).toContain(
      `keyturn.schedule.expression ${fault}`,
    );
    expect(refusalOf({ drill: { schedule: "cron(61 3 * * ? *)" } })).toContain(`keyturn.drill.schedule ${fault}`);
  });

  test("a time zone that is none is refused", () => {
    expect(refusalOf(scheduled({ timeZone: "Europe/Berln" }))).toContain(
      'keyturn.schedule.timeZone must be a time zone of IANA\'s, such as "Europe/Berlin" or "UTC"; it is "Europe/Berln".',
    );
    expect(refusalOf(scheduled({ timeZone: "EST5EDT" }))).toBe("");
  });

  test("senders of another partition than the Region's are refused", () => {
    const eventSenders = [DEPLOYER];
    expect(refusalOf({ eventSenders }, "cn-north-1")).toContain(
      "keyturn.eventSenders.0 must begin with arn:aws-cn:, as of everything in cn-north-1",
    );
    expect(refusalOf({ eventSenders }, "us-gov-west-1")).toContain("must begin with arn:aws-us-gov:");
    expect(refusalOf({ eventSenders }, "eu-west-1")).toBe("");
  });

  test("all that is wrong is said in one message, a line for each setting", () => {
    const message = refusalOf({
      ...scheduled({ expression: "cron(0 3 * * * *)", timeZone: "Europe/Berln" }),
      ...{ instanceType: "t9.mega", rotateEveryHour: 3, watch: { freshnessMinutes: 10, proofMinutes: 9, looks: 1 } },
      nonce: undefined,
    });
    const named = message.split("\n").map((line) => /^In cdk\.json, keyturn\.(\S+) /.exec(line)?.[1]);
    expect(named.slice(0, -1).sort()).toEqual([
      ...["instanceType", "nonce", "rotateEveryHour", "schedule.expression", "schedule.timeZone"],
      ...["watch.looks", "watch.proofMinutes"],
    ]);
    expect(named.at(-1)).toBeUndefined();
  });

  test("more roles and senders than AWS takes are told before it does", () => {
    const roles = Array.from({ length: 101 }, (_, i) => [`Role${i}`, `AROA0123456789ABCD${100 + i}`]);
    expect(refusalOf({ existingRoles: Object.fromEntries(roles) })).toContain(
      "keyturn.existingRoles are 101, and must be 100 at the most",
    );
    const eventSenders = Array.from({ length: 60 }, (_, i) => `arn:aws:iam::111122223333:role/${"long".repeat(5)}${i}`);
    expect(refusalOf({ eventSenders })).toMatch(
      /keyturn\.eventSenders are \d+ characters long together, and must be 3000/,
    );
    expect(refusalOf({ permissionsBoundary: "b".repeat(129) })).toContain(
      "keyturn.permissionsBoundary must be the name",
    );
    expect(refusalOf({ permissionsBoundary: `${"path/".repeat(20)}${"b".repeat(128)}` })).toBe("");
  });

  test("whatever stands there is told in a line, that no terminal heeds", () => {
    const deep = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    expect(refusalOf({ nonce: deep })).toContain(
      'keyturn.nonce must be "hmac" or "none"; it is nested too deep to be shown.',
    );
    const odd = "a\nb\u001b[31m\u202e\u2028💥";
    const lines = refusalOf({ [odd]: 1, nonce: odd, tags: { [odd]: "" }, existingRoles: { [odd]: odd } }).split("\n");
    expect(lines.slice(0, -1).filter((line) => !/^In cdk\.json, keyturn\..+\.$/.test(line))).toEqual([]);
    expect(lines.join()).toContain("keyturn.a\\u000ab\\u001b[31m\\u202e\\u2028💥 is no setting");
    expect(lines.join()).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  });

  test.each(["a..b", "192.168.5.4", "xn--seals", "seals-s3alias", "ab", "seals-"])(
    "%s is no name that S3 takes for a bucket",
    (bucket) => {
      expect(refusalOf({ audit: { keepYears: 7, bucket } })).toContain(
        `keyturn.audit.bucket must be the name of an S3 bucket, or empty; it is "${bucket}".`,
      );
    },
  );

  test("the store that samples went to before is another one", () => {
    for (const store of ["timestream", "dynamodb"]) {
      const sentence = "keyturn.formerTimeSeries must not be what keyturn.timeSeries is";
      expect(refusalOf({ timeSeries: store, formerTimeSeries: store })).toContain(sentence);
    }
  });

  test("a boundary may have a path", () => {
    expect(refusalOf({ permissionsBoundary: "boundaries/teams/Platform" })).toBe("");
  });

  test("a missing one is named", () => {
    const { nonce, ...rest } = shipped;
    expect(nonce).toBe("hmac");
    expect(() => checkSettings(rest)).toThrow(/keyturn\.nonce/);
    expect(() => checkSettings(undefined)).toThrow(/In cdk\.json, keyturn is missing/);
  });

  test("an alarm that would sound before the schedule fires again is refused, with the least that would not", () => {
    const least = (changes: Record<string, unknown>) =>
      /keyturn\.schedule\.silentAfterHours must be longer than .*: at least (\d+); it is 2\./.exec(
        refusalOf(scheduled(changes)),
      )?.[1];
    expect(least({ expression: "rate(2 hours)" })).toBe("3");
    expect(least({ expression: "cron(0 3 * * ? *)" })).toBe("25");
    expect(least({ expression: "cron(0 3 * * ? *)", flexibleMinutes: 90 })).toBe("26");
    expect(least({ expression: "cron(0 3 * * ? *)", timeZone: "Europe/Berlin" })).toBe("26");
    expect(least({ expression: "cron(0/15 * * * ? *)" })).toBeUndefined();
  });

  test("a schedule that fires each week or each month has a value that fits it", () => {
    const weekly = scheduled({ expression: "cron(0 3 ? * MON *)", timeZone: "Europe/Berlin", silentAfterHours: 170 });
    expect(refusalOf({ ...weekly, rotateEveryHours: 160 })).toBe("");
    const monthly = scheduled({ expression: "cron(0 3 ? * MON#1 *)", silentAfterHours: 841 });
    expect(refusalOf({ ...monthly, rotateEveryHours: 660 })).toBe("");
  });

  test("one that is rarer than Step Functions remembers is refused, since nobody could see whether it fires", () => {
    const quarterly = scheduled({ expression: "cron(0 3 1 1/3 ? *)", silentAfterHours: 2136 });
    expect(refusalOf({ ...quarterly, rotateEveryHours: 8760 })).toContain(
      "keyturn.schedule.expression must fire more often than every 89 days; it may pause for 2208 h.",
    );
  });

  test("one that never fires any more is refused, of the drill, too", () => {
    const expression = "cron(15 10 ? * 6L 2022-2023)";
    const never = `must fire in the years to come; "${expression}" never does.`;
    expect(refusalOf(scheduled({ expression }))).toContain(`keyturn.schedule.expression ${never}`);
    expect(refusalOf({ drill: { schedule: expression } })).toContain(`keyturn.drill.schedule ${never}`);
  });

  test("keys that would wait for a run until people are told of them are refused, with what would do", () => {
    const least = (rotateEveryHours: number, changes: Record<string, unknown>) =>
      /keyturn\.rotateEveryHours must be at least (.+), since/.exec(
        refusalOf({ ...scheduled({ silentAfterHours: 200, ...changes }), rotateEveryHours }),
      )?.[1];
    // A key that is turned by one run is not due yet at the next one, a day later.
    const daily = { expression: "cron(0 3 * * ? *)" };
    expect(least(24, daily)).toBe("25, or 13 to 23 to have each run turn every key");
    expect(least(24, { ...daily, timeZone: "Europe/Berlin" })).toBe("26, or 13 to 22 to have each run turn every key");
    expect(least(12, daily)).toBe("25, or 13 to 23 to have each run turn every key");
    for (const hours of [13, 23, 25, 8760]) expect(least(hours, daily)).toBeUndefined();
    expect(least(24, { expression: "cron(0/15 8-17 ? * MON-FRI *)" })).toBe("63");
    expect(least(1, { expression: "rate(1 hour)" })).toBe("2");
    expect(least(1, { expression: "rate(15 minutes)", silentAfterHours: 2 })).toBeUndefined();
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
