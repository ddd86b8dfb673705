import { describe, expect, test } from "vitest";
import { FORMS } from "../../protocol/index.ts";

const HEX64 = "5e".repeat(32);

/** Of each form, the shortest and the longest of what it is for, and what is one sign too short or too long. */
const EXAMPLES: Record<keyof typeof FORMS, { taken: string[]; refused: string[] }> = {
  instanceId: { taken: ["0a1b2c"], refused: ["0a1b2", "0a1b2c3", "0A1B2C"] },
  ec2InstanceId: {
    taken: ["i-01234567", "i-0123456789abcdef0"],
    refused: ["i-0123456", "i-012345678", "i-0123456789abcdef01"],
  },
  hex64: { taken: [HEX64], refused: ["", HEX64.slice(1), `${HEX64}5`, HEX64.toUpperCase()] },
  nonce: { taken: ["", HEX64], refused: [HEX64.slice(1), `${HEX64}5`] },
  partition: { taken: ["aws", "aws-cn", "aws-us-gov"], refused: ["", "aw", "aws-", "AWS"] },
  roleArn: {
    taken: ["arn:aws:iam::111122223333:role/a", `arn:aws-cn:iam::111122223333:role/service/web/${"a".repeat(64)}`],
    refused: [
      "arn:aws:iam::11112222333:role/a",
      "arn:aws:iam::111122223333:user/a",
      "arn:aws:iam::111122223333:role/",
      "arn:aws:iam::111122223333:role//a",
      `arn:aws:iam::111122223333:role/${"a".repeat(65)}`,
      `arn:aws:iam::111122223333:role/${"a/".repeat(310)}a`,
    ],
  },
  account: { taken: ["111122223333"], refused: ["11112222333", "1111222233334", "11112222333a"] },
  tableName: { taken: ["abc", "a_-.9".padEnd(256, "z")], refused: ["ab", "a".repeat(257), "a/b"] },
  secretName: { taken: ["a", "orders/db_+=.@-".padEnd(512, "z")], refused: ["", "a".repeat(513), "a:b", "a b"] },
  secretVersion: {
    taken: ["!".repeat(32), "~".repeat(64)],
    refused: ["a".repeat(31), "a".repeat(65), `${"a".repeat(40)} b`],
  },
  consumer: { taken: ["a", "web.1:2@/+=-".padEnd(63, "z")], refused: ["", "a".repeat(64), "a b"] },
  version: {
    taken: ["0.2.0", "999999.999999.999999"],
    refused: ["0.2", "0.2.0.1", "1000000.0.0", "0.1000000.0", "0.0.1000000"],
  },
};

describe.each(Object.entries(EXAMPLES))("%s", (name, { taken, refused }) => {
  const form = FORMS[name as keyof typeof FORMS];

  test.each(taken)("takes %s", (value) => expect(form.test(value)).toBe(true));

  test.each(refused)("refuses %s", (value) => expect(form.test(value)).toBe(false));

  test("is the whole text: nothing may stand before it or behind it", () => {
    for (const value of taken.filter((one) => one !== "")) {
      for (const more of [` ${value}`, `${value} `, `\n${value}`, `${value}\n`])
        expect(form.test(more), more).toBe(false);
    }
  });
});
