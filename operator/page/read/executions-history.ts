import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from "@aws-sdk/client-sfn";
import { type Happening, textOf } from "../flow/happening.ts";
import type { Way } from "../flow/way.ts";
import type { EventRow } from "../wire/executions.ts";
import { indented } from "./executions-json.ts";

/** So many events are read at most: five of AWS's pages. None of our flows comes near to it; AWS itself ends one at 25,000. */
export const MOST_EVENTS = 5000;
const PAGE = 1000;
/** So much of an event's details is shown. */
const LONGEST_DETAILS = 3000;

/** The history of an execution, from its beginning; `isCut` where it goes on beyond what is read. */
export async function readHistory(
  executionArn: string,
  sfn: SFNClient,
): Promise<{ events: Happening[]; isCut: boolean }> {
  const events: Happening[] = [];
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: PAGE, ...(nextToken !== undefined && { nextToken }) }),
    );
    events.push(...(page.events ?? []).map(happeningOf));
    ({ nextToken } = page);
  } while (nextToken !== undefined && events.length < MOST_EVENTS);
  return { events, isCut: nextToken !== undefined };
}

/** An event as the ways of a flow are read from it. */
function happeningOf({
  id = 0,
  previousEventId: previous = 0,
  timestamp,
  type = "" as never,
  ...rest
}: HistoryEvent): Happening {
  const details = Object.entries(rest).find(([name, value]) => name.endsWith("EventDetails") && value !== undefined);
  return { id, previous, at: timestamp?.getTime() ?? 0, type, details: { ...details?.[1] } };
}

/** Events as they are listed. */
export function eventRows(events: readonly Happening[], { visitOf }: Way): EventRow[] {
  return events.map((event) => {
    const { id, at, type, details } = event;
    const state = visitOf.get(id)?.state ?? textOf(event, "name");
    return {
      ...{ id, at, type },
      ...(state !== undefined && { state }),
      ...(Object.keys(details).length > 0 && { details: indented(JSON.stringify(details), LONGEST_DETAILS) }),
    };
  });
}
