import { randomBytes } from "node:crypto";
import type { EmbeddedAws } from "embedded-aws";
import type { Login } from "../../functions/clients/authority.ts";
import type { DatabaseCredential } from "../../functions/shared/credential-settings.ts";
import type { PostgresServer } from "../postgres/server.ts";
import { prepareDatabase, startDatabase } from "./database.ts";
import { type OrdersTimes, ordersSettings } from "./orders.ts";
import { choosePorts, type OrdersPorts } from "./ports.ts";
import { OrdersSecrets } from "./secrets.ts";

/** The database whose credential is shared here, as Keyturn is deployed beside it. */
export interface Orders {
  ports: OrdersPorts;
  /** For the functions. */
  settings: DatabaseCredential;
  superuser: Login;
}

/**
 * Starts the database of a data folder, on the data of earlier starts if there are any. It ends with this process.
 *
 * @returns in one sentence why there is none, where there is none
 */
export async function startOrders(
  folder: string,
  times: OrdersTimes,
  options: { outlasts?: boolean } = {},
): Promise<(Orders & { server: PostgresServer }) | { missing: string }> {
  const ports = await choosePorts(folder);
  const server = await startDatabase(folder, { port: ports.database, ...options });
  if ("missing" in server) return server;
  return { ports, server, settings: ordersSettings(ports.database, times), superuser: server.superuser };
}

/**
 * Brings the database under Keyturn, and switches the rotation of its credential on, which has it turned for the first time;
 * what of this is done already stays done.
 *
 * @param aws with Keyturn deployed on it, and the credential among its settings
 */
export async function deployOrders(
  { settings, superuser }: Orders,
  aws: Pick<EmbeddedAws, "endpoint" | "region" | "credentials">,
): Promise<void> {
  const { endpoint, region, credentials } = aws;
  const secrets = new OrdersSecrets({ endpoint, region, credentials });
  try {
    await prepareDatabase(settings, superuser, await secrets.manager(), randomBytes);
    await secrets.deploy(settings);
  } finally {
    secrets.close();
  }
}
