import { randomBytes } from "node:crypto";
import { ExecutionAlreadyExists, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { executionArnIn, flowArnIn } from "../place/place.ts";
import type { Hand } from "./hand.ts";

/** The flows of which people start executions. */
export type StartedFlow = "rotation" | "fleet-rotation" | "watch" | "operate";

/**
 * The name of an execution, e.g. `rekey-a1b2c3-20261126T030405Z-7d9b31`: so that whoever lists them sees what it was about, and
 * so that the same call, when it is tried again, starts it once.
 *
 * @param about what is done, and to whom: letters, digits and hyphens, 40 at the most
 * @param at milliseconds since 1970
 * @param random tells two of the same second apart
 * @returns 80 characters at the most, as Step Functions takes
 */
export function executionNameFor(about: string, at: number, random = randomBytes(3).toString("hex")): string {
  return `${about}-${new Date(at).toISOString().replace(/[-:]|\.\d+/g, "")}-${random}`;
}

/**
 * Starts an execution of a flow.
 *
 * @returns its ARN
 * @throws whatever the SDK throws
 */
export async function start(
  { flow, name, input }: { flow: StartedFlow; name: string; input: object },
  { sfn, place, caller }: Pick<Hand, "sfn" | "place" | "caller">,
): Promise<string> {
  const stateMachineArn = flowArnIn(place, caller, flow);
  const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
  try {
    const { executionArn } = await sfn.send(command);
    if (executionArn !== undefined) return executionArn;
  } catch (error) {
    // Nobody else draws its name: an answer was lost, and it has come to its end before the call was tried again.
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
  return executionArnIn(place, caller, flow, name);
}
