import { type CredentialSettings, otherUser } from "../shared/credential-settings.ts";
import { utc } from "../telling/time.ts";
import type { Behind } from "./inputs.ts";

/** What stands in a sentence; the finding has them all. */
const MOST_TOLD = 10;

/** Who is behind and why, as one reads it in an execution's history. */
export function whoIsBehind(behind: readonly Behind[], former: string, credential: CredentialSettings): string {
  const told = behind.slice(0, MOST_TOLD).map((one) => sentenceOf(one, former, otherUser(credential, former)));
  const left = behind.length - told.length;
  return [...told, ...(left > 0 ? [`and ${left} more`] : [])].join("; ");
}

function sentenceOf(
  { consumer, why, lastAt, address, ec2InstanceId, role }: Behind,
  former: string,
  user: string,
): string {
  if (why === "NOT_SEEN") return `${consumer} was not seen with ${user}`;
  const who = why === "NOT_NAMED" ? `${consumer}, which the settings do not name,` : consumer;
  const place = role ?? ec2InstanceId ?? address;
  return `${who} used ${former}${lastAt === undefined ? "" : ` at ${utc(lastAt)}`}${place === undefined ? "" : ` (${place})`}`;
}
