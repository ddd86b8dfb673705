import type { DatabaseCredential } from "../../functions/shared/credential-settings.ts";

/*
 * The credential that several share here: the login with which two applications use the database `orders`. Everything of it
 * has fixed names, so that what npm start prints, and what documents tell to type, fits each time.
 */

/** The names of its secret, and of the secret with the login of who may alter its users. */
export const ORDERS_SECRET = "orders/db";
export const MANAGER_SECRET = "keyturn/orders-manager";

/** Who may alter the users, and reads nothing. */
export const MANAGER = "orders_manager";

/** Its consumers: one connects for each request, and is seen by its proofs; the other one's sessions stay open. */
export const WEB = "web";
export const POOL = "pool";

/** How long nobody must have been seen on the former user, and how long consumers are waited for, in seconds. */
export interface OrdersTimes {
  quietSeconds: number;
  deadlineSeconds: number;
}

/** What Keyturn is told of it, as settings of a deployment. */
export function ordersSettings(port: number, { quietSeconds, deadlineSeconds }: OrdersTimes): DatabaseCredential {
  return {
    name: ORDERS_SECRET,
    kind: "database",
    engine: "postgres",
    hosts: ["127.0.0.1"],
    port,
    dbname: "orders",
    owner: "orders",
    users: ["orders_a", "orders_b"],
    manager: { secret: MANAGER_SECRET },
    consumers: [
      { name: WEB, seenBy: "proofs" },
      { name: POOL, seenBy: "sessions" },
    ],
    quietSeconds,
    deadlineSeconds,
    // On loopback nobody else can listen.
    tls: "none",
  };
}
