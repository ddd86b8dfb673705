import { randomUUID } from "node:crypto";
import { StepError } from "../shared/errors.ts";
import type { CommandState, Commands, SentCommand } from "./commands.ts";

/** What an agent prints and whether it exited with success; undefined if the command never arrives. */
export type FakeAgent = () => Printed | Promise<Printed>;
type Printed = { output: string; success: boolean } | undefined;

/** Run Command in memory: each instance answers as its agent in `agents` does, at once. */
export function fakeCommands(
  agents: Map<string, FakeAgent>,
  now: () => number,
): Commands & { sent: { commandId: string; ec2InstanceId: string; sentAt: number; state: CommandState }[] } {
  const sent: { commandId: string; ec2InstanceId: string; sentAt: number; state: CommandState }[] = [];
  return {
    sent,

    async send(ec2InstanceId) {
      const agent = agents.get(ec2InstanceId);
      if (agent === undefined) throw new StepError("InstanceUnreachable", `SSM cannot reach ${ec2InstanceId}.`);
      const sentAt = now();
      const answer = await agent();
      const state: CommandState =
        answer === undefined
          ? { phase: "undelivered", status: "Delivery Timed Out", output: "" }
          : { phase: "over", status: answer.success ? "Success" : "Failed", output: answer.output };
      const commandId = randomUUID();
      sent.push({ commandId, ec2InstanceId, sentAt, state });
      return commandId;
    },

    state: async (commandId, ec2InstanceId) =>
      sent.find((one) => one.commandId === commandId && one.ec2InstanceId === ec2InstanceId)?.state,

    since: async (ec2InstanceId, since) =>
      sent
        .filter((one) => one.ec2InstanceId === ec2InstanceId && one.sentAt >= since)
        .map(({ state, commandId, sentAt }): SentCommand => ({ ...state, commandId, sentAt })),
  };
}
