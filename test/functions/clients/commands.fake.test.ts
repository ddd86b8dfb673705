import { expect, test } from "vitest";
import { type FakeAgent, fakeCommands } from "../../../functions/clients/commands.fake.ts";
import { EC2 } from "../support.ts";
import { commandsSuite } from "./commands.suite.ts";

commandsSuite(() => {
  const agents = new Map<string, FakeAgent>();
  return {
    commands: fakeCommands(agents, Date.now),
    agentAnswers: (ec2InstanceId, answer) => void agents.set(ec2InstanceId, answer),
  };
});

test("a command that never arrives is undelivered", async () => {
  const commands = fakeCommands(new Map([[EC2, () => undefined]]), Date.now);
  const commandId = await commands.send(EC2);
  expect(await commands.state(commandId, EC2)).toMatchObject({ phase: "undelivered", output: "" });
});
