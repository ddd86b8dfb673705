import { describe, expect, test } from "vitest";
import type { Synthesized } from "../synthesized.ts";

/** The names of what AWS knows once in an account, or once in the world, by type. Beside them, all of IAM. */
const ACCOUNT_WIDE: Record<string, string> = {
  "AWS::CloudWatch::Dashboard": "DashboardName",
  "AWS::S3::Bucket": "BucketName",
};

/** An ARN of one partition; one with an account in it was given in the settings. */
const OF_ONE_PARTITION = /arn:aws[\w-]*:(?![^:]*:[^:]*:\d{12}:)/;

/** An account has as many deployments as it has Regions. */
export function regions(settings: string, given: Synthesized): void {
  describe(`two Regions of one account can both have it, with ${settings}`, () => {
    test("what is known once in an account has the Region in its name", () => {
      const named = Object.entries(given.resources).flatMap(([id, { Type, Properties }]) => {
        // An inline policy's name is its role's own.
        const isIam = /^AWS::IAM::(?!Policy$)/.test(Type);
        const names = Object.entries(Properties).filter(([property]) =>
          isIam ? /Name$/.test(property) : property === ACCOUNT_WIDE[Type],
        );
        return names.map(([property, name]) => ({ id, property, name: String(name) }));
      });
      expect(named.length).toBeGreaterThan(2);
      const message =
        "The second Region would fail on these, or take them over: put them into accountWideNames of infra/wiring.ts";
      expect(
        named.filter(({ name }) => !name.includes("${AWS::Region}")),
        message,
      ).toEqual([]);
    });

    test("no ARN takes a partition for granted", () => {
      const texts = JSON.stringify(given.resources).split(/(?<!\\)"/);
      const message = "China and GovCloud have other partitions: put ARNs together by arnAt of protocol/arn.ts";
      expect(
        texts.filter((text) => OF_ONE_PARTITION.test(text)),
        message,
      ).toEqual([]);
    });

    test("roles that are not of this deployment get no inline policy, whose name the other Region's would have", () => {
      const roles = given.ofType("AWS::IAM::Policy").flatMap(([, { Properties }]) => Properties.Roles as string[]);
      const own = given.ofType("AWS::IAM::Role").map(([id]) => `\${${id}}`);
      expect(
        roles.filter((role) => !own.includes(role)),
        "infra: give these their rights by a managed policy, as infra/instances.ts does",
      ).toEqual([]);
    });
  });
}
