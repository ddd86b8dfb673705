import { describe, expect, test } from "vitest";
import { settingsOf } from "../../../functions/shared/neighbours.ts";
import { functionNameOf, modulePathOf, STEPS } from "../../../functions/steps.ts";
import type { Synthesized } from "../synthesized.ts";

export function functions(given: Synthesized): void {
  describe("functions", () => {
    test("there is one for each step, and no other", () => {
      const names = given.ofType("AWS::Lambda::Function").map(([, { Properties }]) => Properties.FunctionName);
      expect(
        names.sort(),
        "infra/functions.ts makes a function for each step of functions/steps.ts, and no other",
      ).toEqual(STEPS.map(functionNameOf).sort());
    });

    test("each has exactly the variables that its step reads, and says which file it runs", () => {
      for (const step of STEPS) {
        const [, { Properties }] = given.one("AWS::Lambda::Function", "FunctionName", functionNameOf(step));
        const { Variables = {} } = (Properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
        const message = `${functionNameOf(step)}: let infra/functions.ts take variables, file and time limit from the step's contract`;
        expect(Object.keys(Variables).sort(), message).toEqual(settingsOf(step).sort());
        expect(Properties.Description, message).toContain(modulePathOf(step));
        expect(Properties, message).toMatchObject({
          Runtime: "nodejs24.x",
          Architectures: ["arm64"],
          Timeout: step.timeoutSeconds,
        });
      }
    });

    test("each logs to a group of its own that forgets and goes with the stack; the seals' log does neither so soon", () => {
      for (const [, { Properties }] of given.ofType("AWS::Lambda::Function")) {
        const { LogGroup } = Properties.LoggingConfig as { LogGroup: string };
        const isSealer = Properties.FunctionName === "keyturn-watch-seal-day";
        const message = `infra/functions.ts: give ${Properties.FunctionName} a log group of its own, kept for \
${isSealer ? "audit.keepYears and beyond the stack: the audit is checked by it" : "logRetentionDays"}`;
        const { Properties: group, DeletionPolicy } = given.resources[LogGroup.slice(2, -1)] ?? {};
        expect(group, message).toMatchObject({
          LogGroupName: `/aws/lambda/${Properties.FunctionName}`,
          RetentionInDays: isSealer ? 2557 : 90,
        });
        expect(DeletionPolicy, message).toBe(isSealer ? "RetainExceptOnCreate" : "Delete");
      }
    });

    test("the instances that may register are those that run under the fleet's role", () => {
      const [, { Properties }] = given.one("AWS::Lambda::Function", "FunctionName", "keyturn-registration-register");
      const [role] = given.one("AWS::IAM::Role", "RoleName", "KeyturnInstance-${AWS::Region}");
      const Variables = { FLEET_ROLE_IDS: `\${${role}.RoleId}`, FLEET_PARTITION: "${AWS::Partition}" };
      const message =
        "infra/environment.ts: let the function that registers know the ID of the fleet's role, and the partition";
      expect(Properties.Environment, message).toMatchObject({ Variables });
    });
  });
}
