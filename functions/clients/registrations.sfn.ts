import { SFNClient, StartSyncExecutionCommand } from "@aws-sdk/client-sfn";
import { StepError } from "../shared/errors.ts";
import type { Maker } from "../shared/neighbours.ts";
import type { Registrations } from "./registrations.ts";

/**
 * A client for Step Functions. StartSyncExecution's host begins with `sync-` on AWS; a host that was given by the
 * environment must be left as it is.
 */
export function sfnClient(environment: NodeJS.ProcessEnv = process.env): SFNClient {
  const given = environment.AWS_ENDPOINT_URL_SFN ?? environment.AWS_ENDPOINT_URL;
  return new SFNClient({ disableHostPrefix: given !== undefined });
}

/** Registrations as executions in Step Functions. */
export function sfnRegistrations(client: SFNClient, flowArn: string): Registrations {
  return {
    async run(input) {
      const answer = await client.send(
        new StartSyncExecutionCommand({ stateMachineArn: flowArn, input: JSON.stringify(input) }),
      );
      if (answer.status !== "SUCCEEDED") {
        throw new StepError("RegistrationFailed", `${answer.executionArn} ended ${answer.status}: ${answer.error}`);
      }
      return JSON.parse(answer.output ?? "null");
    },
  };
}

export const registrations: Maker<"registrations"> = ({ REGISTRATION_FLOW_ARN }) =>
  sfnRegistrations(sfnClient(), REGISTRATION_FLOW_ARN);
