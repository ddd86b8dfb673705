import type { DatabaseCredential } from "../../../functions/shared/credential-settings.ts";

/** Settings of a credential, of which some are others. */
export function credentialOf(change: Partial<DatabaseCredential> = {}): DatabaseCredential {
  return {
    name: "orders/db",
    kind: "database",
    engine: "postgres",
    hosts: ["127.0.0.1"],
    port: 5432,
    dbname: "orders",
    owner: "orders",
    users: ["orders_a", "orders_b"],
    manager: { secret: "orders/manager" },
    consumers: [],
    quietSeconds: 5,
    deadlineSeconds: 30,
    tls: "none",
    ...change,
  };
}
