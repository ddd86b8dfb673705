import { sfnClient, sfnExecutions } from "../../clients/executions.sfn.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { milliseconds, readSettings } from "../../shared/settings.ts";
import { contract } from "./contract.ts";
import { register } from "./step.ts";

export const handler = lambdaOf(contract, (journal) => {
  const settings = readSettings(contract.settings);
  const neighbours = {
    executions: sfnExecutions(sfnClient(), settings.REGISTRATION_FLOW_ARN),
    fleet: {
      partition: settings.FLEET_PARTITION,
      account: settings.FLEET_ACCOUNT,
      roleIds: settings.FLEET_ROLE_IDS.split(",").map((id) => id.trim()),
    },
    sampleIntervalSeconds: milliseconds(settings, "SAMPLE_INTERVAL_SECONDS") / 1000,
    journal,
  };
  return (input) => register(input, neighbours);
});
