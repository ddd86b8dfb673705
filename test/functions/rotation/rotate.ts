import type { Executions } from "../../../functions/clients/executions.ts";
import { askForReceipt } from "../../../functions/rotation/ask-for-receipt/step.ts";
import { confirmSuccessor } from "../../../functions/rotation/confirm-successor/step.ts";
import { deriveSuccessor } from "../../../functions/rotation/derive-successor/step.ts";
import { promoteSuccessor } from "../../../functions/rotation/promote-successor/step.ts";
import type { PushAnswer } from "../../../functions/rotation/push-answer.ts";
import { pushToInstance } from "../../../functions/rotation/push-to-instance/step.ts";
import { readTimeSeries } from "../../../functions/rotation/read-time-series/step.ts";
import { validateId } from "../../../functions/rotation/validate-id/step.ts";
import { verifyHash } from "../../../functions/rotation/verify-hash/step.ts";
import { StepError } from "../../../functions/shared/errors.ts";
import type { ControlPlane } from "../support.ts";

/** Thrown by a neighbour whose answer was lost; a state machine runs the step again. */
export class AnswerLost extends Error {}

/** How an execution ended: `ROTATED`, a verdict that turns nothing, or the name of an error. */
export type End = string;

export type Neighbours = Omit<ControlPlane, "waiting" | "executions"> & { executions: Executions };

/**
 * Runs the steps of one rotation in the order of rotation.asl.yaml, each again when its answer was lost.
 *
 * @param push gives a task token, and what is returned with it or `"timeout"`
 */
export async function rotate(
  id: string,
  neighbours: Neighbours,
  push: () => { taskToken: string; end: Promise<PushAnswer | "timeout"> },
  execution: string,
): Promise<End> {
  try {
    const instance = await retried(() => validateId({ id }, neighbours));
    const { samples } = await retried(() => readTimeSeries(instance, neighbours));
    const { verdict, lastProofAt } = await retried(() => verifyHash({ ...instance, samples }, neighbours));
    if (verdict !== "MATCH" && verdict !== "MATCH_PENDING" && verdict !== "CONFLICT") return verdict;
    if (lastProofAt === undefined) throw new Error(`${verdict} without a proof`);
    const derived = await retried(() => deriveSuccessor({ ...instance, verdict, lastProofAt }, neighbours));
    const { ec2InstanceId } = instance;
    const { ticket } = derived;
    let end = await retried(async () => {
      const { taskToken, end } = push();
      await pushToInstance({ ec2InstanceId, ticket, taskToken }, neighbours);
      return end;
    });
    if (end === "timeout" || ("error" in end && (end.error as string) === "PushReplaced"))
      end = await retried(() => askForReceipt({ ec2InstanceId, ticket }, neighbours));
    if ("error" in end) return end.error;
    const { receipt } = end;
    await retried(() => confirmSuccessor({ ...derived, receipt }));
    await retried(() => promoteSuccessor({ ec2InstanceId, ticket, verdict, execution }, neighbours));
    return "ROTATED";
  } catch (error) {
    if (error instanceof StepError) return error.name;
    throw error;
  }
}

async function retried<Result>(step: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof AnswerLost) || attempt === 5) throw error;
    }
  }
}
