import { type AgentPlace, type Application, REGION } from "embedded-aws";
import { bundleProgram } from "../../agent/bundle.ts";
import { NAMES } from "../../infra/wiring.ts";
import type { LocalSettings } from "../deploy-data.ts";
import { ORDERS_SECRET, POOL, WEB } from "./orders.ts";
import type { OrdersPorts } from "./ports.ts";

/** Bundles the example application into one file, which Node runs without anything else; the database here is no MySQL. */
export function bundleExample(outfile: string): Promise<void> {
  return bundleProgram(new URL("../../consumer/example/main.ts", import.meta.url), outfile, ["*/database.mysql.ts"]);
}

export interface Applications {
  /** Path of the bundled example. */
  bundle: string;
  /** Of the embedded AWS. */
  endpoint: string;
  ports: OrdersPorts;
  settings: Pick<LocalSettings, "timeSeries">;
}

/**
 * The applications that share the credential, both the example of consumer/: which of them run on an instance. The first of
 * the instances has the one, the second the other, and if there is only one, it has both.
 *
 * @param instances the IDs of all that are not terminated, in the order of their launch
 */
export function applicationsOn(
  { ec2InstanceId, metadataEndpoint }: AgentPlace,
  instances: readonly string[],
  { bundle, endpoint, ports, settings }: Applications,
): Application[] {
  const common = {
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL: endpoint,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: metadataEndpoint,
    KEYTURN_SECRET: ORDERS_SECRET,
    KEYTURN_CACHE_SECONDS: "1",
    // Where the password goes is not for the secret to say.
    EXAMPLE_DATABASE_HOST: "127.0.0.1",
    EXAMPLE_DATABASE_PORT: String(ports.database),
    EXAMPLE_DATABASE_NAME: "orders",
    EXAMPLE_DATABASE_TLS: "none",
  };
  const own: [name: string, environment: Record<string, string>][] = [
    [
      WEB,
      {
        KEYTURN_CONSUMER: WEB,
        EXAMPLE_PORT: String(ports.web),
        KEYTURN_SEEN_BY: "proofs",
        KEYTURN_PROOF_SECONDS: "1",
        KEYTURN_TIME_SERIES: settings.timeSeries,
        KEYTURN_SERIES_TABLE: NAMES.seriesTable,
        KEYTURN_TIMESTREAM_DATABASE: NAMES.timestreamDatabase,
        KEYTURN_TIMESTREAM_TABLE: NAMES.timestreamTable,
      },
    ],
    [
      POOL,
      {
        KEYTURN_CONSUMER: POOL,
        EXAMPLE_PORT: String(ports.pool),
        KEYTURN_SEEN_BY: "sessions",
        EXAMPLE_DATABASE_SESSIONS: "2",
      },
    ],
  ];
  const place = instances.indexOf(ec2InstanceId);
  return own
    .filter((_, n) => Math.min(n, instances.length - 1) === place)
    .map(([name, environment]) => ({
      name,
      command: [process.execPath, "--disable-warning=ExperimentalWarning", bundle],
      environment: { ...common, ...environment },
    }));
}
