import type * as z from "zod/mini";

/** The `source` of every event that Keyturn itself puts on its bus. */
export const SOURCE = "keyturn";

/** A kind of event on Keyturn's own bus: its `detail-type` and the schema of its `detail`. */
export interface EventKind<Schema extends z.ZodMiniType = z.ZodMiniType> {
  detailType: string;
  detail: Schema;
}

/** The `detail` of an event of a kind. */
export type DetailOf<Kind extends EventKind> = z.infer<Kind["detail"]>;
