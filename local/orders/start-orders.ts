import { randomBytes } from "node:crypto";
import type { EmbeddedAws } from "embedded-aws";
import type { CredentialSettings } from "../../functions/shared/credential-settings.ts";
import type { PostgresServer } from "../postgres/server.ts";
import { prepareDatabase, startDatabase } from "./database.ts";
import { type OrdersTimes, ordersSettings } from "./orders.ts";
import { choosePorts, type OrdersPorts } from "./ports.ts";
import { OrdersSecrets } from "./secrets.ts";

/** The database whose credential is shared here. */
export interface Orders {
  ports: OrdersPorts;
  /** For the functions. */
  settings: CredentialSettings;
  server: PostgresServer;
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
): Promise<Orders | { missing: string }> {
  const ports = await choosePorts(folder);
  const server = await startDatabase(folder, { port: ports.database, ...options });
  return "missing" in server ? server : { ports, server, settings: ordersSettings(ports.database, times) };
}

/**
 * Brings the database under Keyturn, and switches the rotation of its credential on, unless that is done already.
 *
 * @param aws with Keyturn deployed on it, and `orders` among its settings
 * @returns its secrets, and whether the first rotation was asked for by this
 */
export async function deployOrders(
  { server, settings }: Pick<Orders, "server" | "settings">,
  aws: Pick<EmbeddedAws, "endpoint" | "region" | "credentials">,
): Promise<{ secrets: OrdersSecrets; isFirst: boolean }> {
  const { endpoint, region, credentials } = aws;
  const secrets = new OrdersSecrets({ endpoint, region, credentials });
  await prepareDatabase(server, settings, await secrets.manager(), randomBytes);
  return { secrets, isFirst: await secrets.deploy(settings) };
}
