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
        const message = `infra/flows.ts: deploy ${name} as infra/wiring.ts and statemachines/${name}.asl.yaml have it, a value for each placeholder`;
        expect(Properties.StateMachineType ?? "STANDARD", message).toBe(type);
        expect(Properties.DefinitionString, message).toBe(deployed);
        const substitutions = Properties.DefinitionSubstitutions as Record<string, string>;
        expect(new Set(Object.keys(substitutions)), message).toEqual(placeholders);
        for (const step of STEPS.filter((one) => one.flow === name && placeholders.has(placeholderOf(one)))) {
          const [functionId] = given.one("AWS::Lambda::Function", "FunctionName", functionNameOf(step));
          expect(substitutions[placeholderOf(step)], message).toBe(`\${${functionId}.Arn}`);
        }
      });

      test(`${name} names no partition`, () => {
        const message =
          "infra/flows.ts: put the placeholder for the partition into ARNs, or there are no rotations in China and GovCloud";
        expect(String(Properties.DefinitionString), message).not.toContain("arn:aws:");
        expect(Properties.DefinitionSubstitutions, message).toMatchObject({ Partition: "${AWS::Partition}" });
      });

      test(`${name} may invoke the functions that it names, and no other`, () => {
        const role = String(Properties.RoleArn).replace(/^\$\{(.*)\.Arn\}$/, "$1");
        const invoked = identityRights(given)
          .filter(({ roles, Action }) => roles.includes(role) && Action.includes("lambda:InvokeFunction"))
          .flatMap(({ Resource }) => Resource);
        const named = Object.entries(Properties.DefinitionSubstitutions as Record<string, string>)
          .filter(([placeholder]) => placeholder.endsWith("FunctionArn"))
          .map(([, arn]) => arn);
        const message = `infra/flows.ts: let the role of ${name} invoke the functions that its definition names, and no other`;
        expect(invoked.sort(), message).toEqual(named.sort());
      });

      test(`${name} logs everything, is traced, and is live under an alias`, () => {
        const message = "infra/flows.ts: let each flow log everything, with data, and be traced";
        expect(Properties.LoggingConfiguration, message).toMatchObject({ Level: "ALL", IncludeExecutionData: true });
        expect(Properties.TracingConfiguration, message).toEqual({ Enabled: true });
      });
    }

    test("there is one for each file", () => {
      expect(
        FLOWS.map(({ name }) => name).sort(),
        "infra/wiring.ts lists each file of statemachines/ with its type, and no other",
      ).toEqual(flowNames());
    });

    test("there is an alias named live for each", () => {
      const aliases = given.ofType("AWS::StepFunctions::StateMachineAlias");
      expect(
        aliases.map(([, { Properties }]) => Properties.Name),
        "infra/flows.ts: give each flow one alias, named live",
      ).toEqual(FLOWS.map(() => "live"));
    });
  });
}
