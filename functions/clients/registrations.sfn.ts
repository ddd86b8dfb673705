import { SFNClient, StartSyncExecutionCommand } from "@aws-sdk/client-sfn";
import type { Maker } from "../shared/neighbours.ts";
import { type Registrations, registrationError } from "./registrations.ts";

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
      const { executionArn: execution = "", status = "", error = "", output = "null" } = answer;
      if (status !== "SUCCEEDED") throw registrationError({ execution, status, error });
      return JSON.parse(output);
    },
  };
}

export const registrations: Maker<"registrations"> = ({ REGISTRATION_FLOW_ARN }) =>
  sfnRegistrations(sfnClient(), REGISTRATION_FLOW_ARN);
