import { describe, expect, test } from "vitest";
import { statementsIn } from "../policies.ts";
import type { Resource, Synthesized } from "../synthesized.ts";
import { neededBy, placesOf } from "../walk.ts";

/** The longest that a reference may become: a role's ARN is 102 characters at the most. */
const LONGEST: Record<string, number> = {
  "AWS::Region": "ap-southeast-1".length,
  "AWS::Partition": "aws-us-gov".length,
  "AWS::AccountId": 12,
  "AWS::URLSuffix": "amazonaws.com.cn".length,
};
const LONGEST_REFERENCE = 110;

/** How long names may be, by type and property. */
const NAMES: Record<string, Record<string, number>> = {
  "AWS::CloudWatch::Alarm": { AlarmName: 255 },
  "AWS::CloudWatch::Dashboard": { DashboardName: 255 },
  "AWS::DynamoDB::Table": { TableName: 255 },
  "AWS::EC2::LaunchTemplate": { LaunchTemplateName: 128 },
  "AWS::Events::EventBus": { Name: 256 },
  "AWS::Events::Rule": { Name: 64 },
  "AWS::IAM::ManagedPolicy": { ManagedPolicyName: 128 },
  "AWS::IAM::Role": { RoleName: 64 },
  "AWS::KMS::Alias": { AliasName: 256 },
  "AWS::Lambda::Function": { FunctionName: 64 },
  "AWS::Logs::LogGroup": { LogGroupName: 512 },
  "AWS::SNS::Topic": { TopicName: 256, DisplayName: 100 },
  "AWS::SQS::Queue": { QueueName: 80 },
  "AWS::SSM::Document": { Name: 128 },
  "AWS::Scheduler::Schedule": { Name: 64 },
  "AWS::SecretsManager::Secret": { Name: 512 },
  "AWS::StepFunctions::StateMachine": { StateMachineName: 80 },
  "AWS::Timestream::Database": { DatabaseName: 256 },
  "AWS::Timestream::Table": { TableName: 256 },
};

/** What else has a limit: how long it is in a resource, and how long it may be. */
const LIMITS: { of: string; most: number; what: string; length(properties: Resource["Properties"]): number }[] = [
  {
    of: "AWS::Lambda::Function",
    most: 4096,
    what: "variables",
    length: ({ Environment }) => textOf(variablesOf(Environment)),
  },
  {
    of: "AWS::EC2::LaunchTemplate",
    most: 16_384,
    what: "user data",
    length: ({ LaunchTemplateData }) => textOf((LaunchTemplateData as { UserData: string }).UserData),
  },
  { of: "AWS::Events::Rule", most: 2048, what: "pattern", length: ({ EventPattern }) => textOf(EventPattern) },
  { of: "AWS::SSM::Document", most: 65_536, what: "content", length: ({ Content }) => textOf(Content) },
  {
    of: "AWS::StepFunctions::StateMachine",
    most: 1_048_576,
    what: "definition",
    length: ({ DefinitionString }) => textOf(DefinitionString),
  },
  {
    of: "AWS::CloudWatch::Dashboard",
    most: 1_000_000,
    what: "body",
    length: ({ DashboardBody }) => textOf(DashboardBody),
  },
  { of: "AWS::IAM::ManagedPolicy", most: 6144, what: "policy", length: ({ PolicyDocument }) => textOf(PolicyDocument) },
  {
    of: "AWS::IAM::Role",
    most: 2048,
    what: "trust policy",
    length: ({ AssumeRolePolicyDocument }) => textOf(AssumeRolePolicyDocument),
  },
  { of: "AWS::KMS::Key", most: 32_768, what: "policy", length: ({ KeyPolicy }) => textOf(KeyPolicy) },
  { of: "AWS::SNS::TopicPolicy", most: 30_720, what: "policy", length: ({ PolicyDocument }) => textOf(PolicyDocument) },
  { of: "AWS::SQS::QueuePolicy", most: 8192, what: "policy", length: ({ PolicyDocument }) => textOf(PolicyDocument) },
  // SQS counts the conditions, too; each rule that may put into the queue has one.
  {
    of: "AWS::SQS::QueuePolicy",
    most: 10,
    what: "conditions",
    length: ({ PolicyDocument }) => statementsIn(PolicyDocument).filter(({ Condition }) => Condition).length,
  },
  {
    of: "AWS::CloudWatch::Alarm",
    most: 10,
    what: "metrics",
    length: ({ Metrics = [] }) => (Metrics as { MetricStat?: object }[]).filter(({ MetricStat }) => MetricStat).length,
  },
  // In seconds, where a period is shorter than an hour.
  {
    of: "AWS::CloudWatch::Alarm",
    most: 86_400,
    what: "periods together",
    length: ({ Metrics, Period, EvaluationPeriods }) => Number(EvaluationPeriods) * Number(Period ?? periodOf(Metrics)),
  },
];

/** The quotas of the services, which they name in the middle of a deployment, and linters where nothing is a reference. */
export function limits(settings: string, given: Synthesized): void {
  describe(`the services take, with ${settings},`, () => {
    test("every name", () => {
      const tooLong = Object.entries(NAMES).flatMap(([type, properties]) =>
        given.ofType(type).flatMap(([id, resource]) =>
          Object.entries(properties)
            .filter(([property, most]) => textOf(resource.Properties[property] ?? "") > most)
            .map(([property]) => `${id} ${property}`),
        ),
      );
      const message =
        "Shorten these in infra: with the longest stackName, in the Region with the longest name, AWS takes no more";
      expect(tooLong, message).toEqual([]);
    });

    test.each(LIMITS)("each $what of $of", ({ of, most, length }) => {
      const tooMuch = given.ofType(of).filter(([, { Properties }]) => length(Properties) > most);
      expect(
        tooMuch.map(([id]) => id),
        `AWS takes ${most}: split these, or make them shorter`,
      ).toEqual([]);
    });

    test("the inline policies of each role together, and the bus's policy", () => {
      const together = new Map<string, number>();
      const add = (to: unknown, document: unknown) =>
        together.set(String(to), (together.get(String(to)) ?? 0) + textOf(document));
      for (const [, { Properties }] of given.ofType("AWS::IAM::Policy")) {
        for (const role of Properties.Roles as string[]) add(role, Properties.PolicyDocument);
      }
      for (const [, { Properties }] of given.ofType("AWS::Events::EventBusPolicy"))
        add(Properties.EventBusName, Properties.Statement);
      const tooLong = [...together].filter(([, length]) => length > 10_240).map(([to]) => to);
      expect(tooLong, "AWS takes 10,240 characters: give these fewer statements, or narrower ones").toEqual([]);
    });

    test("every list, object and text, as none is empty", () => {
      const isEmpty = (value: unknown) =>
        typeof value === "object" ? Object.keys(value ?? {}).length === 0 : value === "";
      // A step's variable says by an empty text that there is no such thing.
      const empty = placesOf(given.resources, isEmpty).filter((place) => !place.includes(".Environment.Variables."));
      expect(empty, "Leave these out in infra where there is nothing: some services refuse what is empty").toEqual([]);
    });

    test("what is named by its name alone, as it is made before", () => {
      for (const [type, property, namedType, name] of [
        ["AWS::Events::Rule", "EventBusName", "AWS::Events::EventBus", "Name"],
        ["AWS::Timestream::Table", "DatabaseName", "AWS::Timestream::Database", "DatabaseName"],
        ["AWS::SecretsManager::RotationSchedule", "SecretId", "AWS::SecretsManager::Secret", "Name"],
      ] as const) {
        for (const [id, { Properties }] of given.ofType(type)) {
          const [before] =
            given.ofType(namedType).find(([, other]) => other.Properties[name] === Properties[property]) ?? [];
          if (before === undefined) continue;
          const message = `infra: let ${id} refer to ${before}, or depend on it: CloudFormation would make both at once`;
          expect(neededBy(id, given), message).toContain(before);
        }
      }
    });
  });
}

/** How many characters a value may come to, references included; of what is no text, its JSON. */
function textOf(value: unknown): number {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const longest = (_: string, name: string) => "x".repeat(LONGEST[name] ?? LONGEST_REFERENCE);
  return text.replace(/\$\{((?:AWS::)?[A-Za-z0-9]+(?:\.\w+)*)\}/g, longest).length;
}

function variablesOf(environment: unknown): object {
  return (environment as { Variables?: object } | undefined)?.Variables ?? {};
}

function periodOf(metrics: unknown): number {
  const [{ Period } = { Period: 0 }] = (metrics as { MetricStat?: { Period: number } }[]).flatMap(
    ({ MetricStat }) => MetricStat ?? [],
  );
  return Period;
}
