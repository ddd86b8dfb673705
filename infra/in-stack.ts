import { Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { arnAt } from "../protocol/index.ts";
import { type Names, namesOf } from "./wiring.ts";

// What follows from the stack that a construct is in.

/** The names of what the stack deploys: they follow from its own. */
export function namesIn(scope: IConstruct): Names {
  return namesOf(Stack.of(scope).stackName);
}

/** Gives the ARNs of what is in the stack's account and Region. */
export function arnIn(scope: IConstruct): (service: string, resource: string) => string {
  const { partition, region, account } = Stack.of(scope);
  return (service, resource) => arnAt({ partition, region, account }, service, resource);
}

/**
 * The ARN of something that has neither Region nor account in its own, such as a bucket or what lies in one.
 *
 * @param resource e.g. `BUCKET/FOLDER/*`
 */
export function placelessArn(scope: IConstruct, service: string, resource: string): string {
  return arnAt({ partition: Stack.of(scope).partition }, service, resource);
}
