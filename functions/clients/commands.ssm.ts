import {
  GetCommandInvocationCommand,
  InvalidInstanceId,
  InvocationDoesNotExist,
  paginateListCommandInvocations,
  SendCommandCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { DELIVERY_SECONDS, TICKET_FIELDS } from "../../protocol/index.ts";
import { StepError } from "../shared/errors.ts";
import type { Maker } from "../shared/neighbours.ts";
import type { CommandState, Commands } from "./commands.ts";

/** By AWS's `StatusDetails`; what is not listed never reached the agent. */
const UNDER_WAY = new Set(["Pending", "Delayed", "In Progress", "InProgress", "Cancelling"]);
const OVER = new Set(["Success", "Failed"]);

/** Run Command with the project's own document. */
export function ssmCommands(client: SSMClient, documentName: string): Commands {
  return {
    async send(ec2InstanceId, ticket, comment) {
      try {
        const answer = await client.send(
          new SendCommandCommand({
            DocumentName: documentName,
            InstanceIds: [ec2InstanceId],
            Parameters: Object.fromEntries(TICKET_FIELDS.map((name) => [name, [String(ticket[name])]])),
            Comment: comment,
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
        return stateOf(answer.StatusDetails, answer.Comment, answer.StandardOutputContent);
      } catch (error) {
        if (error instanceof InvocationDoesNotExist) return undefined;
        throw error;
      }
    },

    async find(ec2InstanceId, comment) {
      // Without details: their output is cut short, and mixed with what the agent writes to standard error.
      const pages = paginateListCommandInvocations({ client }, { InstanceId: ec2InstanceId });
      // Newest first, and a push is asked for within minutes: it stands on the first pages or not at all.
      let pagesLeft = 5;
      for await (const page of pages) {
        const found = page.CommandInvocations?.find((invocation) => invocation.Comment === comment);
        if (found?.CommandId) return this.state(found.CommandId, ec2InstanceId);
        pagesLeft -= 1;
        if (pagesLeft === 0) break;
      }
      return undefined;
    },
  };
}

function stateOf(status = "", comment = "", output = ""): CommandState {
  const phase = UNDER_WAY.has(status) ? "under way" : OVER.has(status) ? "over" : "undelivered";
  return { phase, status, comment, output };
}

export const commands: Maker<"commands"> = ({ PUSH_DOCUMENT }) => ssmCommands(new SSMClient(), PUSH_DOCUMENT);
