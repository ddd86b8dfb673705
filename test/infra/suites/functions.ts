import { describe, expect, test } from "vitest";
import { settingsOf } from "../../../functions/shared/neighbours.ts";
import { functionNameOf, modulePathOf, STEPS } from "../../../functions/steps.ts";
import type { Synthesized } from "../synthesized.ts";

export function functions(given: Synthesized): void {
  describe("functions", () => {
    test("there is one for each step, and no other", () => {
      const names = given.ofType("AWS::Lambda::Function").map(([, { Properties }]) => Properties.FunctionName);
      expect(names.sort()).toEqual(STEPS.map(functionNameOf).sort());
    });

    test("each has exactly the variables that its step reads, and says which file it runs", () => {
      for (const step of STEPS) {
        const [, { Properties }] = given.one("AWS::Lambda::Function", "FunctionName", functionNameOf(step));
        const { Variables = {} } = (Properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
        expect(Object.keys(Variables).sort(), functionNameOf(step)).toEqual(settingsOf(step).sort());
        expect(Properties.Description).toContain(modulePathOf(step));
        expect(Properties).toMatchObject({
          Runtime: "nodejs24.x",
          Architectures: ["arm64"],
          Timeout: step.timeoutSeconds,
        });
      }
    });

    test("each logs to a group of its own that forgets", () => {
      for (const [, { Properties }] of given.ofType("AWS::Lambda::Function")) {
        const { LogGroup } = Properties.LoggingConfig as { LogGroup: string };
        expect(given.resources[LogGroup.slice(2, -1)]?.Properties).toMatchObject({
          LogGroupName: `/aws/lambda/${Properties.FunctionName}`,
          RetentionInDays: 90,
        });
      }
    });

    test("the instances that may register are those that run under the fleet's role", () => {
      const [, { Properties }] = given.one("AWS::Lambda::Function", "FunctionName", "keyturn-registration-register");
      const [role] = given.one("AWS::IAM::Role", "RoleName", "KeyturnInstance");
      const Variables = { FLEET_ROLE_IDS: `\${${role}.RoleId}`, FLEET_PARTITION: "${AWS::Partition}" };
      expect(Properties.Environment).toMatchObject({ Variables });
    });
  });
}
