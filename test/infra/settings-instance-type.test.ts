import { _InstanceType } from "@aws-sdk/client-ec2";
import { InstanceType } from "aws-cdk-lib/aws-ec2";
import { expect, test } from "vitest";
import { architectureOf, faultOfInstanceType } from "../../infra/settings/instance-type.ts";

const KNOWN = Object.values(_InstanceType);

/** What CDK makes of a type; undefined where it cannot read it. */
function asCdkHasIt(type: string): string | undefined {
  try {
    return new InstanceType(type).architecture;
  } catch {
    return undefined;
  }
}

test("of every type that CDK can read, the processor is what CDK says", () => {
  const read = KNOWN.filter((type) => asCdkHasIt(type) !== undefined);
  expect(read.length).toBeGreaterThan(1000);
  expect(read.filter((type) => architectureOf(type) !== asCdkHasIt(type))).toEqual([]);
});

test.each([
  ["t2.micro", "x86_64"],
  ["m7i-flex.large", "x86_64"],
  ["u-6tb1.metal", "x86_64"],
  ["u7i-12tb.224xlarge", "x86_64"],
  ["p6-b200.48xlarge", "x86_64"],
  ["p6e-gb200.36xlarge", "arm64"],
  ["m8g.metal-24xl", "arm64"],
])("%s is taken, as %s", (type, architecture) => {
  expect(faultOfInstanceType(type)).toBeUndefined();
  expect(architectureOf(type)).toBe(architecture);
});

test.each([
  ["t2", "must be an EC2 instance type such as"],
  ["T2.micro", "must be an EC2 instance type such as"],
  ["t9.mega", "must be an EC2 instance type that @aws-sdk/client-ec2 knows"],
  ["mac1.metal", "it runs on no Mac"],
  ["mac2-m2.metal", "it runs on no Mac"],
  ["a1.large", "needs Graviton2 or newer"],
])("%s is refused with a reason", (type, fault) => {
  expect(faultOfInstanceType(type)).toContain(fault);
});
