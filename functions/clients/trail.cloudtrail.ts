import { CloudTrailClient, type Event, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import type { Maker } from "../shared/neighbours.ts";
import { printable } from "../shared/printable.ts";
import { readJson } from "../shared/read-json.ts";
import type { Trail, TrailEvent } from "./trail.ts";

/** The most that CloudTrail puts on a page. */
const MOST_LISTED = 50;
/** Whoever made the call has chosen much of what is kept of it. */
const LONGEST = 100;
/** An ARN may be longer: a role's name has 64 characters, and its path 512. */
const LONGEST_ARN = 300;

/**
 * CloudTrail's event history.
 *
 * @param clientFor of a Region; it is asked once for each
 */
export function cloudTrail(clientFor: (region: string) => CloudTrailClient): Trail {
  const clients = new Map<string, CloudTrailClient>();
  function clientOf(region: string): CloudTrailClient {
    const client = clients.get(region) ?? clientFor(region);
    clients.set(region, client);
    return client;
  }

  return {
    async calls({ accessKeyId, region, from, to, page }) {
      const answer = await clientOf(region).send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: "AccessKeyId", AttributeValue: accessKeyId }],
          StartTime: new Date(from),
          EndTime: new Date(to),
          MaxResults: MOST_LISTED,
          ...(page !== undefined && { NextToken: page }),
        }),
      );
      const events = (answer.Events ?? []).map(callOf);
      // Some services of AWS end their lists with a token that is empty.
      return { events, ...(answer.NextToken && { next: answer.NextToken }) };
    },
  };
}

/** A call, with what of it can be read: one whose details cannot is a call of its name all the same. */
function callOf({
  EventId = "",
  EventName = "",
  EventSource = "",
  EventTime,
  CloudTrailEvent = "",
}: Event): TrailEvent {
  const { sourceIPAddress, errorCode, eventTime, requestParameters } = fieldsOf(readJson(CloudTrailEvent));
  const { roleArn } = fieldsOf(requestParameters);
  const at = EventTime?.getTime() ?? Date.parse(String(eventTime));
  const error = textOf(errorCode);
  const role = EventName.startsWith("AssumeRole") ? textOf(roleArn, LONGEST_ARN) : "";
  return {
    id: EventId,
    at: Number.isFinite(at) ? at : 0,
    source: textOf(EventSource) || "unknown",
    name: textOf(EventName) || "unknown",
    address: textOf(sourceIPAddress) || "unknown",
    ...(error !== "" && { error }),
    ...(role !== "" && error === "" && { role }),
  };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function textOf(value: unknown, most = LONGEST): string {
  return typeof value === "string" ? printable(value.slice(0, most)) : "";
}

export const trail: Maker<"trail"> = () => cloudTrail((region) => new CloudTrailClient({ region }));
