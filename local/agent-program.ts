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
 * @param clockMs by how many milliseconds an instance's clock is ahead, for tests; all share this machine's otherwise
 */
export function agentProgram(
  bundle: string,
  endpoint: string,
  settings: AgentSettings,
  clockMs?: (ec2InstanceId: string) => number,
): AgentProgram {
  const [register] = STEPS;
  return {
    name: "keyturn-agent",
    command: [process.execPath, "--disable-warning=ExperimentalWarning", ...(clockMs ? OTHER_CLOCK : []), bundle],
    arguments: ["run"],
    environment: ({ ec2InstanceId, folder, metadataEndpoint }) => ({
      ...(clockMs && { KEYTURN_CLOCK_MS: String(clockMs(ec2InstanceId)) }),
      // Only what is given here counts: no settings file of this machine.
      KEYTURN_CONFIG: "/dev/null",
      KEYTURN_REGISTRATION_URL: `${endpoint}/_function-url/${functionNameOf(register)}/`,
      KEYTURN_STATE_DIR: join(folder, "state"),
      KEYTURN_HOOKS_DIR: join(folder, "hooks.d"),
      KEYTURN_TIME_SERIES: settings.timeSeries,
      KEYTURN_SERIES_TABLE: NAMES.seriesTable,
      KEYTURN_TIMESTREAM_DATABASE: NAMES.timestreamDatabase,
      KEYTURN_TIMESTREAM_TABLE: NAMES.timestreamTable,
      KEYTURN_TICKET_TABLE: NAMES.ticketTable,
      KEYTURN_NONCE: settings.nonceMode,
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: endpoint,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: metadataEndpoint,
    }),
  };
}

/** Makes a program of Node see another time than this machine's: `KEYTURN_CLOCK_MS` is by how much it is ahead. */
const OTHER_CLOCK = [
  "--import",
  `data:text/javascript,${encodeURIComponent(`
    const Here = Date;
    const now = () => Here.now() + Number(process.env.KEYTURN_CLOCK_MS);
    globalThis.Date = class extends Here {
      constructor(...given) { super(...(given.length === 0 ? [now()] : given)); }
      static now = now;
    };
  `)}`,
];
