import { describe, expect, test } from "vitest";
import type { Synthesized } from "../synthesized.ts";

/** CloudFormation takes no tags for these, whatever the services themselves do. */
const UNTAGGABLE = [
  ...["AWS::Events::EventBusPolicy", "AWS::SNS::Subscription", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"],
  ...["AWS::IAM::InstanceProfile", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::KMS::Alias"],
  ...["AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Permission", "AWS::Lambda::Url"],
  // A group of schedules has tags; these are in the one that every account has.
  "AWS::Scheduler::Schedule",
  ...["AWS::SecretsManager::RotationSchedule", "AWS::EC2::SecurityGroupIngress"],
  ...["AWS::StepFunctions::StateMachineAlias", "AWS::StepFunctions::StateMachineVersion"],
];

interface Asked {
  tags: Record<string, string>;
  permissionsBoundary: string;
  bootstrapQualifier: string;
}

/** What large companies ask of everything that is deployed in their accounts. */
export function account({ tags, permissionsBoundary, bootstrapQualifier }: Asked, given: Synthesized): void {
  describe("an account with rules of its own", () => {
    test("has its tags on everything that can have tags", () => {
      const all = Object.entries(given.resources);
      const untagged = all
        .filter(([id, { Type }]) => !given.taggable.includes(id) && !UNTAGGABLE.includes(Type))
        .filter(([, { Type }]) => Type !== "AWS::EC2::LaunchTemplate"); // Below.
      expect(
        untagged.map(([id, { Type }]) => `${id} ${Type}`),
        "If CloudFormation takes tags for these, tag them in infra by hand; if it takes none, list the type in UNTAGGABLE here",
      ).toEqual([]);
      const lacking = given.taggable.filter((id) => !isTagged(given.resources[id]?.Properties.Tags, tags));
      expect(lacking, "infra/stack.ts: let the setting tags reach these").toEqual([]);
      expect(given.taggable.length).toBeGreaterThan(100);
      expect(given.stackTags, "infra/stack.ts: tag the stack itself, too").toEqual(tags);
    });

    test("has them on the launch template itself, and on what is launched from it", () => {
      const [template] = given.ofType("AWS::EC2::LaunchTemplate").map(([, { Properties }]) => Properties);
      const { TagSpecifications, LaunchTemplateData } = template as unknown as Launching & {
        LaunchTemplateData: Launching;
      };
      const specifications = [...TagSpecifications, ...LaunchTemplateData.TagSpecifications];
      expect(specifications.map(({ ResourceType }) => ResourceType).sort()).toEqual([
        "instance",
        "launch-template",
        "volume",
      ]);
      const lacking = specifications.filter(({ Tags }) => !isTagged(Tags, tags));
      expect(lacking, "infra/instances.ts: the launch template hands the setting tags on").toEqual([]);
    });

    test("has its permissions boundary on every role", () => {
      const boundary = `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:policy/${permissionsBoundary}`;
      const others = given
        .ofType("AWS::IAM::Role")
        .filter(([, { Properties }]) => Properties.PermissionsBoundary !== boundary);
      expect(
        others.map(([id]) => id),
        "infra/stack.ts: the setting permissionsBoundary holds for all roles",
      ).toEqual([]);
    });

    test("has its files where its own bootstrap keeps them", () => {
      const text = JSON.stringify(given.template);
      expect(text).toContain(`/cdk-bootstrap/${bootstrapQualifier}/version`);
      expect(text).toContain(`cdk-${bootstrapQualifier}-assets-`);
      expect(text, "infra/stack.ts: take the setting bootstrapQualifier everywhere").not.toContain("hnb659fds");
    });
  });
}

interface Launching {
  TagSpecifications: { ResourceType: string; Tags: unknown }[];
}

/** Some types have their tags as a list, some by name. */
function isTagged(tags: unknown, wanted: Record<string, string>): boolean {
  const written = Array.isArray(tags) ? Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) : tags;
  return Object.entries(wanted).every(
    ([key, value]) => (written as Record<string, string> | undefined)?.[key] === value,
  );
}
