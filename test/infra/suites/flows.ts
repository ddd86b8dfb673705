import { describe, expect, test } from "vitest";
import { functionNameOf, placeholderOf, STEPS } from "../../../functions/steps.ts";
import { FLOWS, stateMachineNameOf } from "../../../infra/wiring.ts";
import { flowNames, readFlow } from "../../../statemachines/read.ts";
import { identityRights } from "../policies.ts";
import type { Synthesized } from "../synthesized.ts";

export function flows(given: Synthesized): void {
  describe("flows", () => {
    for (const { name, type } of FLOWS) {
      const [, { Properties }] = given.one(
        "AWS::StepFunctions::StateMachine",
        "StateMachineName",
        stateMachineNameOf(name),
      );
      // The one thing that differs by where it is deployed: the partition in the ARNs of the integrations.
      const deployed = readFlow(name).text.replaceAll("arn:aws:states:::", "arn:${Partition}:states:::");
      const placeholders = new Set(Array.from(deployed.matchAll(/\$\{(\w+)\}/g), ([, placeholder]) => placeholder));

      test(`${name} is its file's definition, with a value for each placeholder`, () => {
        expect(Properties.StateMachineType ?? "STANDARD").toBe(type);
        expect(Properties.DefinitionString).toBe(deployed);
        const substitutions = Properties.DefinitionSubstitutions as Record<string, string>;
        expect(new Set(Object.keys(substitutions))).toEqual(placeholders);
        for (const step of STEPS.filter((one) => one.flow === name && placeholders.has(placeholderOf(one)))) {
          const [functionId] = given.one("AWS::Lambda::Function", "FunctionName", functionNameOf(step));
          expect(substitutions[placeholderOf(step)]).toBe(`\${${functionId}.Arn}`);
        }
      });

      test(`${name} names no partition`, () => {
        expect(String(Properties.DefinitionString)).not.toContain("arn:aws:");
        expect(Properties.DefinitionSubstitutions).toMatchObject({ Partition: "${AWS::Partition}" });
      });

      test(`${name} may invoke the functions that it names, and no other`, () => {
        const role = String(Properties.RoleArn).replace(/^\$\{(.*)\.Arn\}$/, "$1");
        const invoked = identityRights(given)
          .filter(({ roles, Action }) => roles.includes(role) && Action.includes("lambda:InvokeFunction"))
          .flatMap(({ Resource }) => Resource);
        const named = Object.entries(Properties.DefinitionSubstitutions as Record<string, string>)
          .filter(([placeholder]) => placeholder.endsWith("FunctionArn"))
          .map(([, arn]) => arn);
        expect(invoked.sort()).toEqual(named.sort());
      });

      test(`${name} logs everything, is traced, and is live under an alias`, () => {
        expect(Properties.LoggingConfiguration).toMatchObject({ Level: "ALL", IncludeExecutionData: true });
        expect(Properties.TracingConfiguration).toEqual({ Enabled: true });
      });
    }

    test("there is one for each file", () => {
      expect(FLOWS.map(({ name }) => name).sort()).toEqual(flowNames());
    });

    test("there is an alias named live for each", () => {
      const aliases = given.ofType("AWS::StepFunctions::StateMachineAlias");
      expect(aliases.map(([, { Properties }]) => Properties.Name)).toEqual(FLOWS.map(() => "live"));
    });
  });
}
