import { describe, expect, test } from "vitest";
import { rules } from "../../../infra/wiring.ts";
import type { Synthesized } from "../synthesized.ts";

interface Target {
  Arn: string;
  DeadLetterConfig?: { Arn: string };
}

/** What starts what, and what happens when it cannot. */
export function asynchronous(given: Synthesized): void {
  const [queueId] = given.one("AWS::SQS::Queue", "QueueName", "keyturn-undelivered-events");
  const deployed = given.ofType("AWS::Events::Rule");
  const targets = deployed.flatMap(([, { Properties }]) => Properties.Targets as Target[]);

  describe("what nobody waits for", () => {
    test("every rule's target has a dead-letter queue that takes what the rule could not deliver", () => {
      const message =
        "infra/triggers.ts: give each rule of infra/wiring.ts one target, and it the queue of undelivered events, with the \
right to send there";
      expect(targets, message).toHaveLength(rules(() => "").length);
      for (const { DeadLetterConfig } of targets) expect(DeadLetterConfig?.Arn, message).toBe(`\${${queueId}.Arn}`);
      const policies = JSON.stringify(given.ofType("AWS::SQS::QueuePolicy"));
      for (const [ruleId] of deployed) expect(policies, message).toContain(`"aws:SourceArn":"\${${ruleId}.Arn}"`);
    });

    test("the schedule has one too, and starts the run over the fleet by its alias", () => {
      const [, { Properties }] = given.one("AWS::Scheduler::Schedule", "Name", "keyturn-schedule");
      const target = Properties.Target as Target & { Input: string };
      const message =
        "infra/triggers.ts: let the schedule start the alias of fleet-rotation, with the queue of undelivered events";
      expect(target.DeadLetterConfig?.Arn, message).toBe(`\${${queueId}.Arn}`);
      expect(JSON.parse(target.Input).StateMachineArn, message).toMatch(/FleetRotationLive/);
    });

    test("every function that a rule starts has one of its own", () => {
      const functions = given.ofType("AWS::Lambda::Function");
      const started = functions.filter(([id]) => targets.some(({ Arn }) => Arn === `\${${id}.Arn}`));
      expect(
        started.map(([, { Properties }]) => Properties.FunctionName).sort(),
        "A rule of infra/wiring.ts starts another function now: name it here, and look whether its alarm does",
      ).toEqual(["keyturn-life-follow-state", "keyturn-rotation-end-push"]);
      const [unworked] = given.one("AWS::SQS::Queue", "QueueName", "keyturn-unworked-events");
      for (const [, { Properties }] of started) {
        const message = `infra/functions.ts: give ${Properties.FunctionName} the queue of unworked events`;
        expect(Properties.DeadLetterConfig, message).toEqual({ TargetArn: `\${${unworked}.Arn}` });
      }
    });

    test("every one of them is called again, twice: an event with which EC2 does not agree yet is looked at again", () => {
      const tries = given.ofType("AWS::Lambda::EventInvokeConfig").map(([, { Properties }]) => Properties);
      const message = "infra/functions.ts: give what a rule starts two further tries, as many as Lambda knows";
      expect(tries, message).toHaveLength(2);
      for (const { MaximumRetryAttempts } of tries) expect(MaximumRetryAttempts, message).toBe(2);
    });

    test("targets name the alias of a flow, which points at a version that outlives its successor", () => {
      const flows = targets.filter(({ Arn }) => Arn.includes("Flows"));
      expect(flows.length).toBeGreaterThan(0);
      for (const { Arn } of flows)
        expect(
          given.resources[Arn.slice(2, -1).split(".")[0] ?? ""]?.Type,
          `infra/triggers.ts: let ${Arn} be the alias, so that a deployment changes no execution in the middle`,
        ).toMatch(/Alias$/);
      for (const [, version] of given.ofType("AWS::StepFunctions::StateMachineVersion")) {
        const message = "infra/flows.ts: retain versions, so that the alias can be pointed back";
        expect(version.UpdateReplacePolicy, message).toBe("Retain");
      }
    });

    test("EventBridge and CloudWatch may publish to the topic and use its key", () => {
      const [, policy] = given.ofType("AWS::SNS::TopicPolicy")[0] ?? [];
      const keys = given.ofType("AWS::KMS::Key").map(([, { Properties }]) => JSON.stringify(Properties.KeyPolicy));
      for (const service of ["events.amazonaws.com", "cloudwatch.amazonaws.com"]) {
        const message = `infra/alerts.ts: let ${service} publish to the alert topic and use its key, or no mail comes`;
        expect(JSON.stringify(policy?.Properties), message).toContain(service);
        expect(
          keys.filter((text) => text.includes(service)),
          message,
        ).toHaveLength(1);
      }
    });
  });
}
