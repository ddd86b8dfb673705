import { setTimeout as pause } from "node:timers/promises";
import { ListCommandInvocationsCommand, SendCommandCommand } from "@aws-sdk/client-ssm";
import { expect, test } from "vitest";
import { DOCUMENT, FakeShell, HastyClock, instance, openSsm } from "./harness.ts";

const KNOWN = "ssm:UpdateInstanceInformation";
const CHANNEL = ["ssmmessages:CreateControlChannel", "ssmmessages:OpenControlChannel"];
const DELIVERY = ["ec2messages:GetMessages", "ec2messages:SendReply"];

/** Sends a command to an instance that may do this; says how it ended, and how often its script ran. */
async function send(actions: readonly string[]): Promise<[status: string, runs: number]> {
  const [shell, clock] = [new FakeShell(), new HastyClock()];
  shell.states.set(instance(1), "running");
  let asked = 0;
  const mayDo = (_: string, action: string) => {
    asked += 1;
    return actions.includes(action);
  };
  const { ssm, client, close } = await openSsm(shell, { clock, mayDo });
  const status = async () => {
    const { CommandInvocations } = await client.send(new ListCommandInvocationsCommand({}));
    return CommandInvocations?.[0]?.StatusDetails ?? "";
  };
  try {
    ssm.deployDocument("turn", JSON.stringify(DOCUMENT));
    const command = { DocumentName: "turn", InstanceIds: [instance(1)] };
    await client.send(new SendCommandCommand(command));
    // Until it runs, or the agent was looked for again and again.
    while (shell.runs.length === 0 && asked < 20) await pause(1);
    shell.runs[0]?.end();
    clock.skip(2 * 3_600_000);
    while (["Pending", "InProgress"].includes(await status())) await pause(1);
    return [await status(), shell.runs.length];
  } catch (error) {
    return [(error as Error).name, shell.runs.length];
  } finally {
    await close();
  }
}

test.each<[what: string, actions: string[], status: string, runs: number]>([
  ["do all over the control channel", [KNOWN, ...CHANNEL], "Success", 1],
  ["do all by the delivery service", [KNOWN, ...DELIVERY], "Success", 1],
  ["do nothing", [], "InvalidInstanceId", 0],
  ["do all but report itself", [...CHANNEL, ...DELIVERY], "InvalidInstanceId", 0],
  ["do nothing but report itself", [KNOWN], "DeliveryTimedOut", 0],
  ["not create the control channel", [KNOWN, "ssmmessages:OpenControlChannel"], "DeliveryTimedOut", 0],
  ["not open the control channel", [KNOWN, "ssmmessages:CreateControlChannel"], "DeliveryTimedOut", 0],
  ["get no messages", [KNOWN, ...DELIVERY.slice(1)], "DeliveryTimedOut", 0],
  ["send no reply", [KNOWN, ...DELIVERY.slice(0, 1)], "DeliveryTimedOut", 1],
])("an agent that may %s, with %j: %s after %d runs", async (_, actions, status, runs) => {
  expect(await send(actions)).toEqual([status, runs]);
});
