import { AwsError } from "../http/service.ts";
import { pageToken, readPage } from "../page.ts";
import type { InstanceRow } from "./instance-store.ts";

export interface PageInput {
  InstanceIds?: string[];
  MaxResults?: string;
  NextToken?: string;
}

interface Page {
  /** Of all instances those that no page before has come to. */
  rest(all: InstanceRow[]): InstanceRow[];
  /** Of those that pass what is asked for, what this page shows, and the token of the next one. */
  cut(passing: InstanceRow[]): { shown: InstanceRow[]; NextToken?: string };
}

const LISTING = "DescribeInstances";
const SMALLEST = 5;
const GREATEST = 1000;

/**
 * How a listing of instances is cut into pages. A token names the last instance shown, so that what is launched, or
 * enters another state meanwhile, shifts nothing. Without `MaxResults` a page has no end.
 *
 * @throws AwsError InvalidParameterValue or InvalidParameterCombination
 */
export function pageOf({ InstanceIds, MaxResults, NextToken }: PageInput): Page {
  if (InstanceIds !== undefined && MaxResults !== undefined) {
    const message = "The parameter instancesSet cannot be used with the parameter maxResults";
    throw new AwsError("InvalidParameterCombination", message);
  }
  const most = MaxResults === undefined ? Number.POSITIVE_INFINITY : sizeOf(MaxResults);
  const invalid = new AwsError("InvalidParameterValue", `Invalid value '${NextToken}' for nextToken`);
  const last = readPage(NextToken, LISTING, invalid);
  return {
    rest: (all) => (last === undefined ? all : all.slice(all.findIndex(({ id }) => id === last) + 1)),
    cut(passing) {
      const shown = passing.slice(0, most);
      const [before] = shown.slice(-1);
      const isLast = before === undefined || shown.length === passing.length;
      return { shown, ...(!isLast && { NextToken: pageToken(LISTING, before.id) }) };
    },
  };
}

function sizeOf(MaxResults: string): number {
  const size = Number(MaxResults);
  const invalid = `Value ( ${MaxResults} ) for parameter maxResults is invalid.`;
  if (!(size >= SMALLEST)) throw new AwsError("InvalidParameterValue", `${invalid} Expecting a value greater than 5.`);
  if (size > GREATEST) throw new AwsError("InvalidParameterValue", `${invalid} Expecting a value less than 1000.`);
  return size;
}
