import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoFindings } from "../../functions/clients/findings.dynamodb.ts";
import type { Finding } from "../../functions/findings/finding.ts";
import { clientIn } from "../place/clients.ts";
import { wellFormed } from "./finding.ts";
import type { Reading } from "./instances.ts";

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
