import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { SOURCE } from "../../events/event.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../shared/errors.ts";
import type { Maker } from "../shared/neighbours.ts";
import type { Bus } from "./bus.ts";

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

export const bus: Maker<"bus"> = ({ EVENT_BUS }) => eventBridgeBus(new EventBridgeClient(), EVENT_BUS);
