import { randomBytes } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import type { Commands } from "../../../functions/clients/commands.ts";
import { eventually } from "./eventually.ts";

/** Run Command, and hosts that answer. */
export interface AnsweredCommands {
  commands: Commands;
  /** Makes a host under this name whose agent prints `output` when it is told to turn, and `log` to its standard error. */
  agentAnswers(
    ec2InstanceId: string,
    answer: () => { output: string; log: string; success: boolean },
  ): void | Promise<void>;
}

/** What every Run Command does; `makeCommands` is called once. */
export function commandsSuite(makeCommands: () => AnsweredCommands | Promise<AnsweredCommands>): void {
  let made: AnsweredCommands;
  let commands: Commands;
  beforeAll(async () => {
    made = await makeCommands();
    commands = made.commands;
  });

  /** A host that counts how often it was told to turn, and prints the count. */
  async function host(success = true): Promise<string> {
    const ec2InstanceId = `i-0${randomBytes(8).toString("hex")}`;
    let told = 0;
    await made.agentAnswers(ec2InstanceId, () => {
      told += 1;
      return { output: JSON.stringify({ told }), log: "", success };
    });
    return ec2InstanceId;
  }

  const over = (commandId: string, ec2InstanceId: string) =>
    eventually(
      () => commands.state(commandId, ec2InstanceId),
      (state) => state !== undefined && state.phase !== "under way",
    );

  test("the agent is told to turn, and what it prints comes back", async () => {
    const ec2InstanceId = await host();
    const state = await over(await commands.send(ec2InstanceId), ec2InstanceId);
    expect(state).toMatchObject({ phase: "over", status: "Success" });
    expect(JSON.parse(state?.output ?? "")).toEqual({ told: 1 });
  });

  test("an agent that fails is over, too, and what it printed comes back", async () => {
    const ec2InstanceId = await host(false);
    const state = await over(await commands.send(ec2InstanceId), ec2InstanceId);
    expect(state).toMatchObject({ phase: "over", status: "Failed" });
    expect(JSON.parse(state?.output ?? "")).toEqual({ told: 1 });
  });

  test("a host that SSM does not know cannot be reached", async () => {
    await expect(commands.send("i-0000000000000dead")).rejects.toMatchObject({ name: "InstanceUnreachable" });
  });

  test("a command that was never sent, or not to this host, has no state", async () => {
    const [one, other] = [await host(), await host()];
    const commandId = await commands.send(one);
    expect(await commands.state(commandId, other)).toBeUndefined();
    expect(await commands.state("00000000-0000-4000-8000-000000000000", one)).toBeUndefined();
  });

  test("all commands of a host since a moment are found, and none of another host", async () => {
    const began = Date.now();
    const [one, other] = [await host(), await host(false)];
    for (let n = 0; n < 2; n += 1) await over(await commands.send(one), one);
    await commands.send(other);
    const since = (ec2InstanceId: string, count: number) =>
      eventually(
        () => commands.since(ec2InstanceId, began - 1000),
        (sent) => sent.length === count && sent.every(({ phase }) => phase === "over"),
      );
    const sent = await since(one, 2);
    expect(new Set(sent.map(({ output }) => JSON.parse(output).told))).toEqual(new Set([1, 2]));
    for (const { sentAt } of sent) expect(sentAt).toBeGreaterThanOrEqual(began - 1000);
    expect(await since(other, 1)).toMatchObject([{ phase: "over", status: "Failed" }]);
    expect(await commands.since(one, Date.now() + 60_000)).toEqual([]);
    expect(await commands.since("i-0000000000000dead", 0)).toEqual([]);
  });

  test.each([
    ["a long answer", "x".repeat(8000), "", true],
    ["an answer beside a log", "", "a line\nand another\n", true],
    ["a refusal beside its reason", "", "Nothing was changed.\n", false],
  ])("%s comes back whole, and nothing else with it", async (_, text, log, success) => {
    const ec2InstanceId = `i-0${randomBytes(8).toString("hex")}`;
    const output = JSON.stringify({ text });
    await made.agentAnswers(ec2InstanceId, () => ({ output, log, success }));
    const commandId = await commands.send(ec2InstanceId);
    expect((await over(commandId, ec2InstanceId))?.output.trim()).toBe(output);
    const [listed] = await commands.since(ec2InstanceId, 0);
    expect(listed?.output.trim()).toBe(output);
  });
}
