import { ListSubscriptionsByTopicCommand, PublishCommand } from "@aws-sdk/client-sns";
import { arnOf } from "../../src/index.ts";
import { type Case, via } from "./services.cases.ts";
import { caller, tableKey } from "./services.world.ts";

/** What the calls of SNS need. */
export const SNS_CASES: Case[] = [
  {
    what: "Publish",
    send: () => caller.sns.send(new PublishCommand({ TopicArn: arnOf("sns", "plain"), Message: "x" })),
    needs: [["sns:Publish", arnOf("sns", "plain")]],
    codes: ["AuthorizationErrorException"],
  },
  {
    what: "Publish to a topic under a key",
    send: () => caller.sns.send(new PublishCommand({ TopicArn: arnOf("sns", "sealed"), Message: "x" })),
    needs: [
      ["sns:Publish", arnOf("sns", "sealed")],
      ["kms:GenerateDataKey", () => tableKey, via("sns")],
      ["kms:Decrypt", () => tableKey, via("sns")],
    ],
    codes: ["AuthorizationErrorException", "KMSAccessDeniedException", "KMSAccessDeniedException"],
  },
  {
    what: "ListSubscriptionsByTopic",
    send: () => caller.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: arnOf("sns", "plain") })),
    needs: [["sns:ListSubscriptionsByTopic", arnOf("sns", "plain")]],
    codes: ["AuthorizationErrorException"],
  },
];
