import {
  GetCommandInvocationCommand,
  InvalidInstanceId,
  InvocationDoesNotExist,
  paginateListCommandInvocations,
  SendCommandCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { DELIVERY_SECONDS } from "../../protocol/index.ts";
import { StepError } from "../shared/errors.ts";
import type { Maker } from "../shared/neighbours.ts";
import type { CommandState, Commands, SentCommand } from "./commands.ts";

/** By AWS's `StatusDetails`; what is not listed did not reach the agent, or did not end there. */
const UNDER_WAY = new Set(["Pending", "Delayed", "In Progress", "InProgress", "Cancelling"]);
const OVER = new Set(["Success", "Failed"]);

/** Run Command with the project's own document. */
export function ssmCommands(client: SSMClient, documentName: string): Commands {
  return {
    async send(ec2InstanceId) {
      try {
        const answer = await client.send(
          new SendCommandCommand({
            DocumentName: documentName,
            // A deployment's new version does not always become the default one.
            DocumentVersion: "$LATEST",
            InstanceIds: [ec2InstanceId],
            TimeoutSeconds: DELIVERY_SECONDS,
          }),
        );
        return answer.Command?.CommandId as string;
      } catch (error) {
        if (!(error instanceof InvalidInstanceId)) throw error;
        throw new StepError(
          "InstanceUnreachable",
          `SSM cannot reach ${ec2InstanceId}: it is not running, or its SSM agent does not answer.`,
        );
      }
    },

    async state(commandId, ec2InstanceId) {
      try {
        const answer = await client.send(
          new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: ec2InstanceId }),
        );
        return stateOf(answer.StatusDetails, answer.StandardOutputContent);
      } catch (error) {
        if (error instanceof InvocationDoesNotExist) return undefined;
        throw error;
      }
    },

    async since(ec2InstanceId, since) {
      // Without details: their output is cut short, and mixed with what the agent writes to standard error.
      const pages = paginateListCommandInvocations(
        { client },
        {
          InstanceId: ec2InstanceId,
          // SSM promises no order, and keeps what was sent for a month; it may take whole seconds only.
          Filters: [{ key: "InvokedAfter", value: new Date(since - 1000).toISOString() }],
        },
      );
      const sent: SentCommand[] = [];
      for await (const page of pages) {
        for (const { CommandId = "", DocumentName, RequestedDateTime, StatusDetails } of page.CommandInvocations ??
          []) {
          const sentAt = RequestedDateTime?.getTime() ?? 0;
          if (DocumentName !== documentName || sentAt < since) continue;
          const listed = stateOf(StatusDetails);
          const state = listed.phase === "over" ? await this.state(CommandId, ec2InstanceId) : listed;
          sent.push({ ...(state ?? listed), commandId: CommandId, sentAt });
        }
      }
      return sent;
    },
  };
}

function stateOf(status = "", output = ""): CommandState {
  const phase = UNDER_WAY.has(status) ? "under way" : OVER.has(status) ? "over" : "undelivered";
  return { phase, status, output };
}

export const commands: Maker<"commands"> = ({ PUSH_DOCUMENT }) => ssmCommands(new SSMClient(), PUSH_DOCUMENT);
