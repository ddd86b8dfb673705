import type { Json } from "../json.ts";

/** A Task with its fields evaluated. */
export interface Order {
  arguments: Json;
  timeoutSeconds?: number;
  heartbeatSeconds?: number;
  token?: string;
}
