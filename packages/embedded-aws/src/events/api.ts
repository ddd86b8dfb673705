import { refuseOthers } from "../http/members.ts";
import { AwsError, type Service } from "../http/service.ts";
import type { BusEvent, Parts } from "../parts.ts";
import { uuid } from "../uuid.ts";
import { checkEntries, eventOf } from "./put-events.ts";
import { type RuleKeeper, ruleOperations } from "./rule-api.ts";
import { busArn, busName } from "./rule-store.ts";

/** What the operations ask of EventBridge. */
interface Bridge extends RuleKeeper {
  accept(event: BusEvent, bus: string): void;
}

/** The operations of EventBridge's API that are known here. */
export function operations(bridge: Bridge, parts: Parts): Service["operations"] {
  const { rules } = bridge;
  return {
    ...ruleOperations(bridge, parts),

    PutEvents(input: { Entries?: unknown }) {
      refuseOthers(input, ["Entries"], parts.log);
      const Entries = checkEntries(input.Entries).map((entry) => {
        refuseOthers(entry, ENTRY_MEMBERS, parts.log);
        const event = eventOf(entry, uuid(parts.random), parts.clock.now());
        if ("ErrorCode" in event) return event;
        const bus = busName(entry.EventBusName);
        // AWS takes an event for a bus that is not there, and nobody ever sees it again.
        if (rules.buses().includes(bus)) bridge.accept(event, bus);
        else parts.log(`An event was put on the bus ${bus}, which does not exist; nobody receives it.`);
        return { EventId: event.id };
      });
      return { FailedEntryCount: Entries.filter((entry) => "ErrorCode" in entry).length, Entries };
    },

    CreateEventBus(input: { Name?: string }) {
      refuseOthers(input, ["Name"], parts.log);
      const { Name = "" } = input;
      if (!/^[/.\-_A-Za-z0-9]{1,256}$/.test(Name))
        throw new AwsError("ValidationException", "Parameter Name is not valid.");
      if (!rules.addBus(Name)) {
        throw new AwsError("ResourceAlreadyExistsException", `Event bus ${Name} already exists.`);
      }
      return { EventBusArn: busArn(Name) };
    },
  };
}

const ENTRY_MEMBERS = ["Time", "Source", "Resources", "DetailType", "Detail", "EventBusName"];
