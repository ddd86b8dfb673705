import pg from "pg";
import type { Login } from "../../functions/clients/authority.ts";
import type { Orders } from "./start-orders.ts";

/** A session of the database that is shared here, for whoever has a login. @param application as which it is seen */
export function sessionAs(
  { settings }: Pick<Orders, "settings">,
  { user, password }: Login,
  application: string,
): pg.Client {
  const { port, dbname } = settings;
  const session = new pg.Client({
    ...{ host: "127.0.0.1", port, database: dbname, user, password },
    ...{ application_name: application, ssl: false },
  });
  // What befalls it otherwise would end the process.
  session.on("error", () => undefined);
  return session;
}

/** Somebody who may do everything gives a user another password, and tells nobody. */
export async function alterBehindOurBack(
  orders: Pick<Orders, "settings" | "superuser">,
  user: string,
  password: string,
): Promise<void> {
  const session = sessionAs(orders, orders.superuser, "somebody");
  await session.connect();
  const alter = `ALTER ROLE ${session.escapeIdentifier(user)} PASSWORD ${session.escapeLiteral(password)}`;
  await session.query(alter).finally(() => session.end());
}
