import { AwsError } from "../http/service.ts";
import type { BusEvent } from "../parts.ts";
import { ACCOUNT, REGION } from "../place.ts";

/** An entry of PutEvents, as it comes. */
export interface Entry {
  /** Seconds since 1970. */
  Time?: number;
  Source?: string;
  Resources?: string[];
  DetailType?: string;
  Detail?: string;
  EventBusName?: string;
}

export type EntryProblem = { ErrorCode: string; ErrorMessage: string };

const LARGEST_REQUEST = 256 * 1024;

/**
 * Checks what concerns all entries together.
 *
 * @throws AwsError ValidationException
 */
export function checkEntries(entries: unknown): Entry[] {
  if (!Array.isArray(entries) || entries.length < 1 || entries.length > 10) {
    throw new AwsError(
      "ValidationException",
      "1 validation error detected: Value at 'entries' failed to satisfy constraint: " +
        "Member must have length less than or equal to 10, and greater than or equal to 1",
    );
  }
  const total = entries.reduce((sum: number, entry: Entry) => sum + sizeOf(entry), 0);
  if (total > LARGEST_REQUEST) {
    throw new AwsError("ValidationException", "Total size of the entries in the request is over the limit.");
  }
  return entries;
}

/** The event that an entry makes, or what is wrong with the entry. */
export function eventOf(entry: Entry, id: string, now: number): BusEvent | EntryProblem {
  const { Source, DetailType, Detail, Resources = [], Time } = entry;
  if (!Source) return missing("Source");
  if (!DetailType) return missing("DetailType");
  if (!Detail) return missing("Detail");
  if (/^aws\./i.test(Source)) {
    return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." };
  }
  const detail = objectIn(Detail);
  if (detail === undefined) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  return busEvent(
    { id, source: Source, "detail-type": DetailType, resources: Resources, detail },
    Time === undefined ? now : Time * 1000,
  );
}

/** An event with everything that AWS writes into it. */
export function busEvent(
  event: Pick<BusEvent, "id" | "source" | "detail-type" | "resources" | "detail">,
  timeMs: number,
): BusEvent {
  const { id, source, resources, detail } = event;
  const time = new Date(timeMs).toISOString().replace(/\.\d+Z$/, "Z");
  const type = event["detail-type"];
  return { version: "0", id, "detail-type": type, source, account: ACCOUNT, time, region: REGION, resources, detail };
}

/** Bytes of an entry as AWS counts them. */
function sizeOf({ Time, Source = "", DetailType = "", Detail = "", Resources = [] }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}

function missing(member: string): EntryProblem {
  const ErrorMessage = `Parameter ${member} is not valid. Reason: ${member} is a required argument.`;
  return { ErrorCode: "InvalidArgument", ErrorMessage };
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined; // The caller says that it is malformed.
  }
}
