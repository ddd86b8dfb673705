import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Maker } from "../shared/neighbours.ts";
import { type Mail, subjectLine } from "./mail.ts";

/** Mail through an SNS topic. */
export function snsMail(client: SNSClient, topicArn: string): Mail {
  return {
    async send(subject, text) {
      await client.send(new PublishCommand({ TopicArn: topicArn, Subject: subjectLine(subject), Message: text }));
    },
  };
}

export const mail: Maker<"mail"> = ({ ALERT_TOPIC_ARN }) => snsMail(new SNSClient(), ALERT_TOPIC_ARN);
