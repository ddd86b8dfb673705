import { findLive } from "../../clients/find-live.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { readPushAnswer } from "../push-answer.ts";
import { pushComment } from "../push-comment.ts";
import type { contract } from "./contract.ts";

/** Asks how the push's command ended: AWS's events are best effort, and this one may have been lost. */
export async function askForReceipt(
  { ec2InstanceId, ticket }: InputOf<typeof contract>,
  { registry, commands }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { id, generation, nonce } = ticket;
  const { pending, current } = await findLive(registry, id);
  if (pending?.generation !== generation || pending.nonce !== nonce) {
    throw new StepError("Superseded", `${id} is at generation ${current.generation} and awaits no such push.`);
  }
  const pushId = pending.push?.pushId;
  const state = pushId && (await commands.find(ec2InstanceId, pushComment({ id, pushId })));
  const answer = state ? readPushAnswer(state) : undefined;
  if (answer === undefined) {
    throw new StepError("PushUnanswered", `${ec2InstanceId} has not answered the push, and SSM knows no end of it.`);
  }
  if ("error" in answer) throw new StepError(answer.error, answer.cause);
  return answer;
}
