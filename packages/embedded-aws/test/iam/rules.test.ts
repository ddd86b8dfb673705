import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateKeyCommand } from "@aws-sdk/client-kms";
import { CreateTopicCommand } from "@aws-sdk/client-sns";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { arnOf, functionArn, type ResourceStatement } from "../../src/index.ts";
import { allow, aws, checked, checkedOf, events, folder, kms, machine, role, run, sns, until } from "./acting.ts";

describe("rules", () => {
  let rules = 0;
  beforeAll(() => {
    aws.roles.put({ name: "some", statements: [] });
  });

  /** Puts a rule with a target, and an event for it. */
  async function deliver(target: { Arn: string; RoleArn?: string }, Name = nextRule()): Promise<void> {
    await events.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify({ source: [Name] }) }));
    await events.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: "only", ...target }] }));
    await events.send(new PutEventsCommand({ Entries: [{ Source: Name, DetailType: "x", Detail: "{}" }] }));
  }
  const nextRule = () => {
    rules += 1;
    return `rule-${rules}`;
  };
  const ruleOf = (name: string) => arnOf("events", `rule/${name}`);
  const lost = (name: string) => until(() => aws.events.undelivered().find(({ ruleArn }) => ruleArn === ruleOf(name)));
  const publish: ResourceStatement = {
    ...{ Effect: "Allow", Principal: { Service: ["events.amazonaws.com"] }, Action: ["sns:Publish"], Resource: ["*"] },
  };
  const policyOf = (...Statement: ResourceStatement[]) => JSON.stringify({ Version: "2012-10-17", Statement });

  test("a function takes the events of a rule that its policy names, and of no other", async () => {
    const allowed = nextRule();
    const permissions = [{ principal: "events.amazonaws.com", sourceArn: ruleOf(allowed) }];
    aws.functions.define({ name: "taking", modulePath: join(folder, "echo.mjs"), permissions });
    await deliver({ Arn: functionArn("taking") }, allowed);
    await until(() => checkedOf("events.amazonaws.com").find((one) => one.startsWith("+")));
    const other = nextRule();
    await deliver({ Arn: functionArn("taking") }, other);
    expect(await lost(other)).toMatchObject({
      errorCode: "AccessDeniedException",
      errorMessage:
        `User: events.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn("taking")} ` +
        "because no resource-based policy allows the lambda:InvokeFunction action",
      retryAttempts: 0,
    });
  });

  test("a topic takes events if its policy names EventBridge, and the policy of its key, too", async () => {
    const aKey = async (...more: ResourceStatement[]) => {
      const root: ResourceStatement = {
        ...{
          Effect: "Allow",
          Principal: { AWS: [role("x").replace("role/x", "root")] },
          Action: ["kms:*"],
          Resource: ["*"],
        },
      };
      const made = await kms.send(new CreateKeyCommand({ Policy: policyOf(root, ...more) }));
      return made.KeyMetadata?.Arn ?? "";
    };
    const use: ResourceStatement = { ...publish, Action: ["kms:Decrypt", "kms:GenerateDataKey"] };
    const topics: [Name: string, attributes: Record<string, string>, missing?: string][] = [
      ["open", { Policy: policyOf(publish) }],
      ["open-and-sealed", { Policy: policyOf(publish), KmsMasterKeyId: await aKey(use) }],
      ["shut", {}, "sns:Publish"],
      ["open-key-shut", { Policy: policyOf(publish), KmsMasterKeyId: await aKey() }, "kms:GenerateDataKey"],
    ];
    for (const [Name, Attributes, missing] of topics) {
      checked.length = 0;
      const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name, Attributes }));
      const name = nextRule();
      await deliver({ Arn: TopicArn }, name);
      if (missing !== undefined) {
        const errorMessage = expect.stringContaining(`because no resource-based policy allows the ${missing} action`);
        expect(await lost(name)).toMatchObject({ errorCode: "AccessDeniedException", errorMessage, retryAttempts: 0 });
      } else {
        const last = Attributes.KmsMasterKeyId === undefined ? "+sns:Publish" : "+kms:Decrypt";
        await until(() => checkedOf("events.amazonaws.com").find((one) => one.startsWith(last)));
      }
    }
  });

  test("a state machine is started as the target's role, by its own ARN", async () => {
    await run("started", { Type: "Pass" });
    aws.roles.put({ name: "starter", statements: [allow("states:StartExecution", machine("started"))] });
    await deliver({ Arn: machine("started"), RoleArn: role("starter") });
    await until(() => checkedOf("starter").find((one) => one === `+states:StartExecution ${machine("started")}`));
    const name = nextRule();
    await deliver({ Arn: machine("started"), RoleArn: role("nobody") }, name);
    expect(await lost(name)).toMatchObject({
      errorCode: "AccessDeniedException",
      errorMessage: expect.stringContaining(
        `assumed-role/nobody/${name} is not authorized to perform: states:StartExecution`,
      ),
    });
  });

  describe("the policy of a bus", () => {
    afterEach(() => aws.events.putPolicy("own", []));

    test("keeps out whom it denies, whatever his role allows", async () => {
      const modulePath = join(folder, "putting.mjs");
      const client = import.meta.resolve("@aws-sdk/client-eventbridge");
      writeFileSync(
        modulePath,
        `import { EventBridgeClient, PutEventsCommand } from ${JSON.stringify(client)};
         const client = new EventBridgeClient();
         const Entries = [{ Source: "me", DetailType: "x", Detail: "{}", EventBusName: "own" }];
         export const handler = () => client.send(new PutEventsCommand({ Entries }));`,
      );
      for (const name of ["sender", "stranger"]) {
        aws.roles.put({ name, statements: [allow("events:PutEvents", arnOf("events", "event-bus/own"))] });
        aws.functions.define({ name, role: name, modulePath });
      }
      aws.events.putPolicy("own", [
        {
          ...{
            Effect: "Deny",
            Principal: "*",
            Action: ["events:PutEvents"],
            Resource: [arnOf("events", "event-bus/own")],
          },
          Condition: { ArnNotLike: { "aws:PrincipalArn": [role("sender")] } },
        },
      ]);
      expect(await aws.functions.invoke("sender", {})).toMatchObject({ ok: true });
      expect(await aws.functions.invoke("stranger", {})).toMatchObject({
        errorType: "AccessDeniedException",
        errorMessage: expect.stringContaining("with an explicit deny in a resource-based policy"),
      });
    });
  });
});
