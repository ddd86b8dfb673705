import { findLive } from "../../clients/find-live.ts";
import { executionName } from "../../record/execution-name.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { overtaken } from "../overtaken.ts";
import { answerTo, awaitedTicket, commandsFor } from "../push-answer.ts";
import type { contract } from "./contract.ts";

/** Asks what the instance has answered: AWS's events are best effort, and this one may have been lost. */
export async function askForReceipt(
  { id, ec2InstanceId, generation, execution, rekey }: InputOf<typeof contract>,
  { registry, commands }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const record = await findLive(registry, id);
  const awaited = awaitedTicket(record, { rekey });
  if (awaited?.generation !== generation) throw overtaken(record, generation);
  const push = awaited.pushes[executionName(execution)];
  const sent = push ? await commandsFor(commands, ec2InstanceId, push) : [];
  const answer = push && answerTo(awaited, sent, push);
  if (answer === undefined) {
    throw new StepError("PushUnanswered", `${ec2InstanceId} has not answered the push, and SSM knows no end of it.`);
  }
  if ("error" in answer) throw new StepError(answer.error, answer.cause);
  return answer;
}
