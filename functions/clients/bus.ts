import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { type DetailOf, type EventKind, SOURCE } from "../../events/event.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../shared/errors.ts";

/** Keyturn's own event bus. */
export interface Bus {
  /** Puts an event on the bus; its detail is checked against its schema. */
  put<Kind extends EventKind>(kind: Kind, detail: DetailOf<Kind>): Promise<void>;
}

/** The bus in EventBridge. */
export function eventBridgeBus(client: EventBridgeClient, busName: string): Bus {
  return {
    async put(kind, detail) {
      const entry = {
        EventBusName: busName,
        Source: SOURCE,
        DetailType: kind.detailType,
        Detail: JSON.stringify(kind.detail.parse(detail)),
      };
      const answer = await client.send(new PutEventsCommand({ Entries: [entry] }));
      if (answer.FailedEntryCount) {
        const code = answer.Entries?.[0]?.ErrorCode;
        throw new StepError(TEMPORARILY_UNAVAILABLE, `EventBridge did not take "${kind.detailType}": ${code}`);
      }
    },
  };
}

/** A bus in memory, which keeps what was put on it. */
export function fakeBus(): Bus & { events: { detailType: string; detail: unknown }[] } {
  const events: { detailType: string; detail: unknown }[] = [];
  return {
    events,
    async put(kind, detail) {
      events.push({ detailType: kind.detailType, detail: kind.detail.parse(detail) });
    },
  };
}
