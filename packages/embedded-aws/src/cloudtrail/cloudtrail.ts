import { z } from "zod";
import { readInput } from "../http/input.ts";
import { AwsError, type Service } from "../http/service.ts";
import { pageToken, readPage } from "../page.ts";
import { eventOf } from "./record.ts";
import { ATTRIBUTES, type Look, type Place, type Trail } from "./trail.ts";

const MOST = 50;

const LOOKUP = z.strictObject({
  LookupAttributes: z
    .array(z.strictObject({ AttributeKey: z.string(), AttributeValue: z.string().min(1).max(2000) }))
    .optional(),
  // Seconds since 1970.
  StartTime: z.number().optional(),
  EndTime: z.number().optional(),
  MaxResults: z.number().int().optional(),
  NextToken: z.string().optional(),
});

/** CloudTrail: looks up in the history which calls were made. */
export function cloudTrailOver(trail: Trail): Service {
  return {
    signingName: "cloudtrail",
    protocol: { kind: "json", version: "1.1" },
    operations: { LookupEvents: (input: unknown) => lookUp(trail, input) },
  };
}

function lookUp(trail: Trail, input: unknown): unknown {
  const { LookupAttributes = [], StartTime, EndTime, MaxResults = MOST, NextToken } = readInput(LOOKUP, input);
  if (MaxResults < 1 || MaxResults > MOST) {
    throw new AwsError("InvalidMaxResultsException", `MaxResults must be between 1 and ${MOST}.`);
  }
  if (StartTime !== undefined && EndTime !== undefined && StartTime > EndTime) {
    throw new AwsError("InvalidTimeRangeException", "The end time must be after the start time.");
  }
  const attribute = attributeOf(LookupAttributes);
  const listing = JSON.stringify(["events", LookupAttributes, StartTime, EndTime]);
  const place = readPage(NextToken, listing, new AwsError("InvalidNextTokenException", "The token is not valid."));
  const found = trail.look({
    ...(attribute && { attribute }),
    // Events are of a second: those of the first and of the last one belong to it.
    ...(StartTime !== undefined && { from: Math.ceil(StartTime) * 1000 }),
    ...(EndTime !== undefined && { before: (Math.floor(EndTime) + 1) * 1000 }),
    ...(place !== undefined && { after: placeOf(place) }),
    most: MaxResults + 1,
  });
  const page = found.slice(0, MaxResults);
  const last = page.at(-1);
  const more = found.length > MaxResults && last !== undefined;
  return {
    Events: page.map(({ call }) => eventOf(call)),
    ...(more && { NextToken: pageToken(listing, `${last.at}/${last.id}`) }),
  };
}

function placeOf(text: string): Place {
  const [at, id] = text.split("/").map(Number);
  return { at: at ?? 0, id: id ?? 0 };
}

function attributeOf(given: { AttributeKey: string; AttributeValue: string }[]): Look["attribute"] {
  const [first, second] = given;
  if (first === undefined) return undefined;
  const key = Object.keys(ATTRIBUTES).find((name) => name === first.AttributeKey) as
    | keyof typeof ATTRIBUTES
    | undefined;
  if (second !== undefined || key === undefined) {
    const known = Object.keys(ATTRIBUTES).join(", ");
    const message = `One lookup attribute is taken, and the embedded AWS knows ${known}.`;
    throw new AwsError("InvalidLookupAttributesException", message);
  }
  return { key, value: first.AttributeValue };
}
