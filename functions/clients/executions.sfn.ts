import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
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
import type { ExecutionEnd, Executions, StartedFlow, WatchedFlow } from "./executions.ts";

/**
 * Executions in Step Functions.
 *
 * @param flowArns of the live aliases of the flows
 */
export function sfnExecutions(client: SFNClient, flowArns: Record<StartedFlow | WatchedFlow, string>): Executions {
  // Of a state machine, by whichever of its versions: an execution's ARN names no alias.
  const arnOf = ({ flow, name }: { flow: StartedFlow; name: string }) =>
    `${machineOf(flowArns[flow]).replace(":stateMachine:", ":execution:")}:${name}`;

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

    async find(execution) {
      const executionArn = arnOf(execution);
      try {
        const { status, error = "", cause = "" } = await client.send(new DescribeExecutionCommand({ executionArn }));
        // Nobody has one of these flows wait for a redrive.
        return { status: status as ExecutionEnd["status"], error, cause };
      } catch (thrown) {
        if (thrown instanceof ExecutionDoesNotExist) return undefined;
        throw thrown;
      }
    },

    arnOf: async (execution) => arnOf(execution),

    async lastStart(flow) {
      // By whichever of its versions: the list is asked of the state machine, not of its alias.
      const stateMachineArn = machineOf(flowArns[flow]);
      const { executions: [last] = [] } = await client.send(
        new ListExecutionsCommand({ stateMachineArn, maxResults: 1 }),
      );
      return last?.startDate?.getTime();
    },
  };
}

/** The ARN of a state machine, from that of its alias. */
function machineOf(liveArn: string): string {
  return liveArn.split(":").slice(0, 7).join(":");
}

export const executions: Maker<"executions"> = ({
  ROTATION_FLOW_ARN,
  FLEET_ROTATION_FLOW_ARN,
  CREDENTIAL_FLOW_ARN,
  EXPOSED_KEY_FLOW_ARN,
}) =>
  sfnExecutions(new SFNClient(), {
    rotation: ROTATION_FLOW_ARN,
    "fleet-rotation": FLEET_ROTATION_FLOW_ARN,
    credential: CREDENTIAL_FLOW_ARN,
    "exposed-key": EXPOSED_KEY_FLOW_ARN,
  });
