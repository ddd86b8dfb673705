import { describe, expect, test } from "vitest";
import { NAMES, rules, schedules } from "../../../infra/wiring.ts";
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
      expect(targets, message).toHaveLength(rules(NAMES, () => "").length);
      for (const { DeadLetterConfig } of targets) expect(DeadLetterConfig?.Arn, message).toBe(`\${${queueId}.Arn}`);
      const policies = JSON.stringify(given.ofType("AWS::SQS::QueuePolicy"));
      for (const [ruleId] of deployed) expect(policies, message).toContain(`"aws:SourceArn":"\${${ruleId}.Arn}"`);
    });

    test("each schedule has one too, and starts its flow by its alias", () => {
      const deployed = given.ofType("AWS::Scheduler::Schedule").map(([, { Properties }]) => Properties);
      const message =
        "infra/triggers.ts: let each schedule of infra/wiring.ts start its flow's alias, with the queue of undelivered events";
      const started = deployed.map(({ Name, Target }) => {
        const target = Target as Target & { Input: string };
        expect(target.DeadLetterConfig?.Arn, message).toBe(`\${${queueId}.Arn}`);
        const [, flow] = /Flows([A-Z]\w*?)Live/.exec(JSON.parse(target.Input).StateMachineArn) ?? [];
        return [Name, flow];
      });
      const idOf = (flow: string) => flow.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
      expect(started, message).toEqual(schedules(NAMES).map(({ name, flow }) => [name, idOf(flow)]));
    });

    test("every function that a rule starts has one of its own", () => {
      const functions = given.ofType("AWS::Lambda::Function");
      const started = functions.filter(([id]) => targets.some(({ Arn }) => Arn === `\${${id}.Arn}`));
      expect(
        started.map(([, { Properties }]) => Properties.FunctionName).sort(),
        "A rule of infra/wiring.ts starts another function now: name it here, and look whether its alarm does",
      ).toEqual([
        ...["keyturn-credential-request-rotation", "keyturn-exposed-key-receive-event"],
        ...["keyturn-life-follow-execution", "keyturn-life-follow-state", "keyturn-rotation-end-push"],
      ]);
      const [unworked] = given.one("AWS::SQS::Queue", "QueueName", "keyturn-unworked-events");
      for (const [, { Properties }] of started) {
        const message = `infra/functions.ts: give ${Properties.FunctionName} the queue of unworked events`;
        expect(Properties.DeadLetterConfig, message).toEqual({ TargetArn: `\${${unworked}.Arn}` });
      }
    });

    test("every one of them is called again, twice: an event with which EC2 does not agree yet is looked at again", () => {
      const tries = given.ofType("AWS::Lambda::EventInvokeConfig").map(([, { Properties }]) => Properties);
      const message = "infra/functions.ts: give what a rule starts two further tries, as many as Lambda knows";
      expect(tries, message).toHaveLength(5);
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

    test("of AWS's services CloudWatch alone may publish to the topic and use its key: what else is told, steps mail", () => {
      const [, policy] = given.ofType("AWS::SNS::TopicPolicy")[0] ?? [];
      const keys = given.ofType("AWS::KMS::Key").map(([, { Properties }]) => JSON.stringify(Properties.KeyPolicy));
      const message =
        "infra/rights/policies.ts: let CloudWatch publish to the alert topic and use its key, and nobody else";
      const services = JSON.stringify(policy?.Properties).match(/[a-z]+\.amazonaws\.com/g);
      expect(services, message).toEqual(["cloudwatch.amazonaws.com"]);
      const usable = keys.filter((text) => text.includes("cloudwatch.amazonaws.com"));
      expect(usable, message).toHaveLength(1);
      expect(keys.join(), message).not.toContain("events.amazonaws.com");
      const targets = given.ofType("AWS::Events::Rule").map(([, { Properties }]) => JSON.stringify(Properties.Targets));
      expect(
        targets.filter((text) => /Topic/.test(text)),
        "infra/wiring.ts: let a step write the mail, with a subject and what to do, and no rule send what an event holds",
      ).toEqual([]);
    });
  });
}
