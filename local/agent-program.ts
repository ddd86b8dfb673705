import { join } from "node:path";
import { type AgentProgram, REGION } from "embedded-aws";
import { functionNameOf, STEPS } from "../functions/steps.ts";
import { NAMES } from "../infra/wiring.ts";
import type { LocalSettings } from "./deploy-data.ts";

type AgentSettings = Pick<LocalSettings, "nonceMode" | "timeSeries">;

/**
 * The agent as an instance here runs it: the same bundle as on AWS, told by its environment where AWS is.
 *
 * @param bundle path of the bundled agent
 * @param endpoint of the embedded AWS
 */
export function agentProgram(bundle: string, endpoint: string, settings: AgentSettings): AgentProgram {
  const [register] = STEPS;
  return {
    name: "keyturn-agent",
    command: [process.execPath, "--disable-warning=ExperimentalWarning", bundle],
    arguments: ["run"],
    environment: ({ folder, metadataEndpoint }) => ({
      // Only what is given here counts: no settings file of this machine.
      KEYTURN_CONFIG: "/dev/null",
      KEYTURN_REGISTRATION_URL: `${endpoint}/_function-url/${functionNameOf(register)}/`,
      KEYTURN_STATE_DIR: join(folder, "state"),
      KEYTURN_HOOKS_DIR: join(folder, "hooks.d"),
      KEYTURN_TIME_SERIES: settings.timeSeries,
      KEYTURN_SERIES_TABLE: NAMES.seriesTable,
      KEYTURN_TIMESTREAM_DATABASE: NAMES.timestreamDatabase,
      KEYTURN_TIMESTREAM_TABLE: NAMES.timestreamTable,
      KEYTURN_NONCE: settings.nonceMode,
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: endpoint,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: metadataEndpoint,
    }),
  };
}
