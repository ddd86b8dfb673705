import { randomUUID } from "node:crypto";
import type { Ticket } from "../../protocol/index.ts";
import { StepError } from "../shared/errors.ts";
import type { CommandState, Commands } from "./commands.ts";

/** What an agent prints for a ticket and whether it exited with success; undefined if the command never arrives. */
export type FakeAgent = (ticket: Ticket) => Printed | Promise<Printed>;
type Printed = { output: string; success: boolean } | undefined;

/** Run Command in memory: each instance answers as its agent in `agents` does, at once. */
export function fakeCommands(agents: Map<string, FakeAgent>): Commands & {
  sent: { commandId: string; ec2InstanceId: string; ticket: Ticket; state: CommandState }[];
} {
  const sent: { commandId: string; ec2InstanceId: string; ticket: Ticket; state: CommandState }[] = [];
  return {
    sent,

    async send(ec2InstanceId, ticket, comment) {
      const agent = agents.get(ec2InstanceId);
      if (agent === undefined) throw new StepError("InstanceUnreachable", `SSM cannot reach ${ec2InstanceId}.`);
      const answer = await agent(ticket);
      const state: CommandState =
        answer === undefined
          ? { phase: "undelivered", status: "Delivery Timed Out", comment, output: "" }
          : { phase: "over", status: answer.success ? "Success" : "Failed", comment, output: answer.output };
      const commandId = randomUUID();
      sent.push({ commandId, ec2InstanceId, ticket, state });
      return commandId;
    },

    state: async (commandId, ec2InstanceId) =>
      sent.find((one) => one.commandId === commandId && one.ec2InstanceId === ec2InstanceId)?.state,

    find: async (ec2InstanceId, comment) =>
      sent.findLast((one) => one.ec2InstanceId === ec2InstanceId && one.state.comment === comment)?.state,
  };
}
