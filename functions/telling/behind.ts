import { isEc2InstanceId, isInstanceId, isRoleArn } from "../../protocol/index.ts";
import type { BehindFact } from "../findings/finding.ts";
import type { Line } from "./layout.ts";
import { utc } from "./time.ts";

/** How many a mail names; the rest is counted. */
const MOST_NAMED = 20;

/** Who has not moved to a credential's current version: each by name, from where it was seen, and why it is behind. */
export function behindLines(behind: readonly BehindFact[] = []): Line[] {
  const named = behind.slice(0, MOST_NAMED).map((one) => `${nameOf(one)}: ${whyBehind(one)}`);
  const rest = behind.length - named.length;
  const all = rest > 0 ? [...named, `and ${rest} more`] : named;
  return all.map((text, n): Line => [n === 0 ? "Behind" : "", text]);
}

/** E.g. `web at 10.0.3.17 (0a1b2c, i-0123456789abcdef0)`, or `web (arn:aws:iam::111122223333:role/web)`. Its name is what its session says of itself. */
function nameOf({ consumer, address, id, ec2InstanceId, role }: BehindFact): string {
  const name = consumer === "" ? "one who gives no name" : consumer;
  const places = [
    ...[id].filter(isInstanceId),
    ...[ec2InstanceId].filter(isEc2InstanceId),
    ...[role].filter(isRoleArn),
  ];
  return `${name}${address === undefined ? "" : ` at ${address}`}${places.length === 0 ? "" : ` (${places.join(", ")})`}`;
}

/** E.g. `uses the former one, last at 2026-11-26 03:04:05 UTC`. */
export function whyBehind({ why, lastAt }: Pick<BehindFact, "why" | "lastAt">): string {
  const last = lastAt === undefined ? "" : `, last at ${utc(lastAt)}`;
  if (why === "NOT_SEEN") return "was not seen on the current one";
  const does = why === "NOT_NAMED" ? "is none of the consumers that are set, and uses" : "uses";
  return `${does} the former one${last}`;
}
