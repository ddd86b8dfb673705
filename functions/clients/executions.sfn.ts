import {
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartSyncExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import { StepError } from "../shared/errors.ts";
import type { Executions } from "./executions.ts";

/**
 * A client for Step Functions. StartSyncExecution's host begins with `sync-` on AWS; a host that was given by the
 * environment must be left as it is.
 */
export function sfnClient(environment: NodeJS.ProcessEnv = process.env): SFNClient {
  const given = environment.AWS_ENDPOINT_URL_SFN ?? environment.AWS_ENDPOINT_URL;
  return new SFNClient({ disableHostPrefix: given !== undefined });
}

/** Executions in Step Functions. */
export function sfnExecutions(client: SFNClient, registrationFlowArn = ""): Executions {
  return {
    async register(input) {
      const answer = await client.send(
        new StartSyncExecutionCommand({ stateMachineArn: registrationFlowArn, input: JSON.stringify(input) }),
      );
      if (answer.status !== "SUCCEEDED") {
        throw new StepError("RegistrationFailed", `${answer.executionArn} ended ${answer.status}: ${answer.error}`);
      }
      return JSON.parse(answer.output ?? "null");
    },

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
