import {
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  TaskDoesNotExist,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import type { Maker } from "../shared/neighbours.ts";
import type { Executions } from "./executions.ts";

/** Executions in Step Functions. */
export function sfnExecutions(client: SFNClient): Executions {
  return {
    async endTask(taskToken, end) {
      const command =
        "output" in end
          ? new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(end.output) })
          : new SendTaskFailureCommand({ taskToken, error: end.error, cause: end.cause });
      try {
        await client.send(command as SendTaskSuccessCommand);
        return true;
      } catch (error) {
        if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist || error instanceof InvalidToken) {
          return false;
        }
        throw error;
      }
    },
  };
}

export const executions: Maker<"executions"> = () => sfnExecutions(new SFNClient());
