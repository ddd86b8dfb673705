import type { DetailOf, EventKind } from "../../events/event.ts";

/** Keyturn's own event bus. */
export interface Bus {
  /** Puts an event on the bus; its detail is checked against its schema. */
  put<Kind extends EventKind>(kind: Kind, detail: DetailOf<Kind>): Promise<void>;
}
