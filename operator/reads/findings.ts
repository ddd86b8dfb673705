import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoFindings } from "../../functions/clients/findings.dynamodb.ts";
import type { Finding } from "../../functions/findings/finding.ts";
import { clientIn } from "../place/clients.ts";
import { isMoment, type Reading } from "./instances.ts";

/** The findings that stand, and those that have ended and stand in no gathering mail yet, the oldest first. */
export async function listOpenFindings(context: Reading): Promise<Finding[]> {
  const findings = dynamoFindings(clientIn(DynamoDBClient, context), context.place.names.findingTable);
  const found: Finding[] = [];
  let after: string | undefined;
  do {
    const page = await findings.listOpen(after);
    context.stopped?.throwIfAborted();
    found.push(...page.findings.map(wellFormed));
    after = page.next;
  } while (after !== undefined);
  return found;
}

/**
 * A finding of which everything can be shown: somebody may have altered it, and what has not the form that it must have is left
 * out, or empty.
 */
export function wellFormed({ since, times, execution, facts, toldAt, endedAt, ...rest }: Finding): Finding {
  return {
    ...rest,
    since: isMoment(since) ? since : 0,
    times: typeof times === "number" ? times : 1,
    execution: typeof execution === "string" ? execution : "",
    facts: typeof facts === "object" && facts !== null ? facts : {},
    ...(isMoment(toldAt) && { toldAt }),
    ...(isMoment(endedAt) && { endedAt }),
  };
}
