import { lastingPorts } from "../lasting-ports.ts";

/** Where on 127.0.0.1 the database and the two applications listen. */
export interface OrdersPorts {
  database: number;
  web: number;
  pool: number;
}

/** Chooses ports. The secret names the database's, and somebody may have a page open. */
export function choosePorts(folder: string): Promise<OrdersPorts> {
  return lastingPorts(folder, ["database", "web", "pool"]);
}
