import { AwsError } from "../http/service.ts";
import type { InstanceRow } from "./instance-store.ts";

export interface Filter {
  Name?: string;
  Values?: string[];
}

/** So many values may all filters of a call have together. */
const MOST_VALUES = 200;

/**
 * Which instances pass all filters: one whose filter has among its values the instance's own.
 *
 * @param tags what every instance is tagged with
 * @throws AwsError InvalidParameterValue or FilterLimitExceeded
 */
export function passingAll(
  filters: Filter[],
  tags: Readonly<Record<string, string>>,
): (row: Pick<InstanceRow, "id" | "state">) => boolean {
  const values = filters.flatMap(({ Values = [] }) => Values);
  if (values.length > MOST_VALUES) {
    const message = `The maximum number of filter values specified on a single call is ${MOST_VALUES}`;
    throw new AwsError("FilterLimitExceeded", message);
  }
  // To EC2 these are wildcards; here they are not known.
  const wild = values.find((value) => /[*?\\]/.test(value));
  if (wild !== undefined) throw new AwsError("InvalidParameterValue", `The filter value '${wild}' is invalid`);
  const passes = filters.map(({ Name = "", Values = [] }) => {
    const own = ownValue(Name, tags);
    return (row: Pick<InstanceRow, "id" | "state">) => {
      const value = own(row);
      return value !== undefined && Values.includes(value);
    };
  });
  return (row) => passes.every((pass) => pass(row));
}

/** What of an instance a filter looks at; nothing where it has no such tag. */
function ownValue(
  filter: string,
  tags: Readonly<Record<string, string>>,
): (row: Pick<InstanceRow, "id" | "state">) => string | undefined {
  if (filter === "instance-id") return ({ id }) => id;
  if (filter === "instance-state-name") return ({ state }) => state;
  if (filter.startsWith("tag:")) return () => tags[filter.slice("tag:".length)];
  throw new AwsError("InvalidParameterValue", `The filter '${filter}' is invalid`);
}
