import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoFindings } from "../../functions/clients/findings.dynamodb.ts";
import { NAMES } from "../../infra/wiring.ts";
import { listInstances } from "../../operator/reads/instances.ts";
import type { Desk } from "./desk.ts";
import { Plays } from "./plays.ts";

/** Puts up what faults are played with. @param given what only whoever starts everything knows */
export function startPlays(given: Omit<Desk, "findings" | "instances" | "lastRun" | "now">): Plays {
  const { aws, context } = given;
  const { endpoint, region, credentials } = aws;
  const findings = dynamoFindings(new DynamoDBClient({ endpoint, region, credentials }), NAMES.findingTable);
  return new Plays({ ...given, findings, instances: () => listInstances(context), now: Date.now });
}
