import { type AgentPlace, type Application, REGION } from "embedded-aws";
import { bundleProgram } from "../../agent/bundle.ts";
import { NAMES } from "../../infra/wiring.ts";
import type { LocalSettings } from "../deploy-data.ts";
import { CART, SHOP_SECRET } from "./shop.ts";
import type { Shop } from "./start-shop.ts";

/** Bundles the example application into one file, which Node runs without anything else. */
export function bundleTokenExample(outfile: string): Promise<void> {
  return bundleProgram(new URL("../../consumer/example-token/main.ts", import.meta.url), outfile);
}

/**
 * The application that calls the API, the example of consumer/, if it runs on an instance: the last one of the first three has
 * it, beside those that have the database's.
 *
 * @param instances the IDs of all that are not terminated, in the order of their launch
 */
export function shopApplicationOn(
  { ec2InstanceId, metadataEndpoint }: AgentPlace,
  instances: readonly string[],
  { bundle, endpoint, shop, settings }: ShopApplication,
): Application[] {
  if (instances.slice(0, 3).at(-1) !== ec2InstanceId) return [];
  return [
    {
      name: CART,
      command: [process.execPath, "--disable-warning=ExperimentalWarning", bundle],
      environment: {
        AWS_REGION: REGION,
        AWS_ENDPOINT_URL: endpoint,
        AWS_EC2_METADATA_SERVICE_ENDPOINT: metadataEndpoint,
        KEYTURN_SECRET: SHOP_SECRET,
        KEYTURN_CACHE_SECONDS: "1",
        KEYTURN_CONSUMER: CART,
        KEYTURN_SEEN_BY: "proofs",
        KEYTURN_PROOF_SECONDS: "1",
        KEYTURN_TIME_SERIES: settings.timeSeries,
        KEYTURN_SERIES_TABLE: NAMES.seriesTable,
        KEYTURN_TIMESTREAM_DATABASE: NAMES.timestreamDatabase,
        KEYTURN_TIMESTREAM_TABLE: NAMES.timestreamTable,
        EXAMPLE_PORT: String(shop.ports.cart),
        // Where the token goes is not for the secret to say.
        EXAMPLE_API_URL: shop.settings.probeUrl,
      },
    },
  ];
}

export interface ShopApplication {
  /** Path of the bundled example. */
  bundle: string;
  /** Of the embedded AWS. */
  endpoint: string;
  shop: Pick<Shop, "ports" | "settings">;
  settings: Pick<LocalSettings, "timeSeries">;
}
