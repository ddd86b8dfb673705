import {
  ExecutionAlreadyExists,
  InvalidToken,
  ListExecutionsCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
} from "@aws-sdk/client-sfn";
import type { Maker } from "../shared/neighbours.ts";
import type { Executions, StartedFlow, WatchedFlow } from "./executions.ts";

/**
 * Executions in Step Functions.
 *
 * @param flowArns of the live aliases of the flows
 */
export function sfnExecutions(client: SFNClient, flowArns: Record<StartedFlow | WatchedFlow, string>): Executions {
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

    async start({ flow, name, input }) {
      const command = new StartExecutionCommand({
        stateMachineArn: flowArns[flow],
        name,
        input: JSON.stringify(input),
      });
      try {
        await client.send(command);
        return "started";
      } catch (error) {
        if (error instanceof ExecutionAlreadyExists) return "there";
        throw error;
      }
    },

    async lastStart(flow) {
      // By whichever of its versions: the list is asked of the state machine, not of its alias.
      const stateMachineArn = flowArns[flow].split(":").slice(0, 7).join(":");
      const { executions: [last] = [] } = await client.send(
        new ListExecutionsCommand({ stateMachineArn, maxResults: 1 }),
      );
      return last?.startDate?.getTime();
    },
  };
}

export const executions: Maker<"executions"> = ({ ROTATION_FLOW_ARN, FLEET_ROTATION_FLOW_ARN }) =>
  sfnExecutions(new SFNClient(), { rotation: ROTATION_FLOW_ARN, "fleet-rotation": FLEET_ROTATION_FLOW_ARN });
