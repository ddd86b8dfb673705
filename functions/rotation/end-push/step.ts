import { isRetired } from "../../record/record.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { readPushAnswer } from "../push-answer.ts";
import { parsePushComment } from "../push-comment.ts";
import type { contract } from "./contract.ts";

/**
 * Ends the push whose command is over. The event may come twice, late, or for a command that is not Keyturn's; then
 * nothing waits, and nothing is ended.
 */
export async function endPush(
  { detail }: InputOf<typeof contract>,
  neighbours: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const { registry, commands, executions, now, journal } = neighbours;
  const commandId = detail["command-id"];
  const ec2InstanceId = detail["instance-id"];
  const state = await commands.state(commandId, ec2InstanceId);
  if (state === undefined) {
    // SSM's own answer may lag behind its event; Lambda calls again when this fails.
    throw new StepError("CommandUnknown", `SSM does not know command ${commandId} on ${ec2InstanceId} yet.`);
  }
  const answer = readPushAnswer(state);
  const comment = parsePushComment(state.comment);
  if (answer === undefined || comment === undefined) return { ended: false };

  const record = await registry.find(comment.id);
  // Whoever may send commands chooses their comments: the push must be this very instance's.
  if (record === undefined || isRetired(record) || record.ec2InstanceId !== ec2InstanceId) return { ended: false };
  const push = record.pending?.push;
  if (push?.pushId !== comment.pushId) return { ended: false };

  const ended = await executions.endTask(push.taskToken, "receipt" in answer ? { output: answer } : answer);
  journal.info("push ended", { id: record.id, ec2InstanceId, commandId, ended });
  if (ended) journal.duration("PushLatency", now() - push.sentAt);
  return { ended };
}
