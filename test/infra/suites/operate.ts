import { describe, expect, test } from "vitest";
import { identityRights } from "../policies.ts";
import type { Synthesized } from "../synthesized.ts";

/** Who may start what a person does to a record, with `drill.schedule` off and with one. */
export function operate(off: Synthesized, scheduled: Synthesized): void {
  // One act on many is an execution of the flow, which starts one of each.
  const ownRole = (given: Synthesized) => {
    const [, { Properties }] = given.one("AWS::StepFunctions::StateMachine", "StateMachineName", "keyturn-operate");
    return String(Properties.RoleArn).replace(/^\$\{(.*)\.Arn\}$/, "$1");
  };
  const startedBy = (given: Synthesized) =>
    identityRights(given)
      .filter(({ roles }) => !roles.includes(ownRole(given)))
      .filter(({ Resource }) => Resource.some((one) => one.includes(":keyturn-operate")))
      .filter(({ Action }) => Action.some((action) => action.startsWith("states:")));
  const drills = (given: Synthesized) =>
    given.ofType("AWS::Scheduler::Schedule").filter(([, { Properties }]) => Properties.Name === "keyturn-drill");

  describe("the flow operate", () => {
    test("is started by nothing that is deployed, neither an instance nor a step", () => {
      const message = "What is done to a record a person decides: take every other right to start operate out of infra";
      expect(startedBy(off), message).toEqual([]);
      expect(drills(off), "infra/triggers.ts: make no schedule for drills where it is off").toEqual([]);
    });

    test("starts itself and rotations, and stops only what it has started", () => {
      const own = identityRights(off).filter(({ roles }) => roles.includes(ownRole(off)));
      const message = "infra/rights/flows.ts: a rekey of many runs this flow for each, and that a rotation";
      const machines = ["operate", "rotation"].map((name) => expect.stringMatching(`:stateMachine:keyturn-${name}$`));
      const ofAction = (action: string) => {
        const all = own.filter(({ Action }) => Action.includes(action)).flatMap(({ Resource }) => Resource);
        return [...new Set(all)].sort();
      };
      expect(ofAction("states:StartExecution"), message).toEqual(machines);
      const parts = [":keyturn-operate/*", ":keyturn-operate:*", ":keyturn-rotation:*"];
      expect(ofAction("states:StopExecution"), message).toEqual(
        parts.map((part) => expect.stringMatching(`:execution${part.replaceAll("*", "\\*")}$`)),
      );
    });

    test("is started by the drills' schedule where one is set, and by nothing else", () => {
      const [[, schedule] = [], ...more] = drills(scheduled);
      expect(more).toEqual([]);
      const target = schedule?.Properties.Target as { Input: string; RoleArn: string };
      const rights = startedBy(scheduled);
      const message = "infra/triggers.ts: give the right to start operate to the role of the drills' schedule alone";
      expect(rights, message).toMatchObject([{ Action: ["states:StartExecution"] }]);
      expect(rights[0]?.roles, message).toEqual([target.RoleArn.replace(/^\$\{(.*)\.Arn\}$/, "$1")]);
      const { StateMachineArn, Input } = JSON.parse(target.Input);
      expect(StateMachineArn).toMatch(/OperateLive/);
      expect(JSON.parse(Input)).toEqual({ act: "drill", requestedBy: "keyturn-drill" });
      expect(schedule?.Properties.ScheduleExpression).toBe("rate(30 days)");
    });
  });
}
