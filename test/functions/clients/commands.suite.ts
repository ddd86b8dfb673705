import { randomBytes } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import type { Commands, Ticket } from "../../../functions/clients/commands.ts";
import { hex64Of, ID } from "../support.ts";
import { eventually } from "./eventually.ts";

/** Run Command, and hosts that answer. */
export interface AnsweredCommands {
  commands: Commands;
  /** Makes a host under this name whose agent prints `output` for a ticket, and `log` to its standard error. */
  agentAnswers(
    ec2InstanceId: string,
    answer: (ticket: Ticket) => { output: string; log: string; success: boolean },
  ): void | Promise<void>;
}

const ticket: Ticket = { id: ID, generation: 2, nonce: hex64Of("nonce"), proof: hex64Of("proof") };

/** What every Run Command does; `makeCommands` is called once. */
export function commandsSuite(makeCommands: () => AnsweredCommands | Promise<AnsweredCommands>): void {
  let made: AnsweredCommands;
  let commands: Commands;
  beforeAll(async () => {
    made = await makeCommands();
    commands = made.commands;
  });

  /** A host that prints the tickets it gets, and how often it got one. */
  async function host(success = true) {
    const ec2InstanceId = `i-0${randomBytes(8).toString("hex")}`;
    const tickets: Ticket[] = [];
    await made.agentAnswers(ec2InstanceId, (got) => {
      tickets.push(got);
      return { output: JSON.stringify({ got }), log: "", success };
    });
    return { ec2InstanceId, tickets };
  }

  const over = (commandId: string, ec2InstanceId: string) =>
    eventually(
      () => commands.state(commandId, ec2InstanceId),
      (state) => state !== undefined && state.phase !== "under way",
    );

  test("a ticket reaches the agent whole, and what it prints comes back with the comment", async () => {
    const { ec2InstanceId, tickets } = await host();
    const commandId = await commands.send(ec2InstanceId, ticket, "a comment");
    const state = await over(commandId, ec2InstanceId);
    expect(state).toMatchObject({ phase: "over", status: "Success", comment: "a comment" });
    expect(JSON.parse(state?.output ?? "")).toEqual({ got: ticket });
    expect(tickets).toEqual([ticket]);
  });

  test("a ticket without a nonce is sent as well", async () => {
    const { ec2InstanceId, tickets } = await host();
    await over(await commands.send(ec2InstanceId, { ...ticket, nonce: "" }, "bare"), ec2InstanceId);
    expect(tickets).toEqual([{ ...ticket, nonce: "" }]);
  });

  test("an agent that fails is over, too, and what it printed comes back", async () => {
    const { ec2InstanceId } = await host(false);
    const state = await over(await commands.send(ec2InstanceId, ticket, "fails"), ec2InstanceId);
    expect(state).toMatchObject({ phase: "over", status: "Failed" });
    expect(JSON.parse(state?.output ?? "")).toEqual({ got: ticket });
  });

  test("a host that SSM does not know cannot be reached", async () => {
    const attempt = commands.send("i-0000000000000dead", ticket, "nowhere");
    await expect(attempt).rejects.toMatchObject({ name: "InstanceUnreachable" });
  });

  test("a command that was never sent, or not to this host, has no state", async () => {
    const [one, other] = [await host(), await host()];
    const commandId = await commands.send(one.ec2InstanceId, ticket, "one");
    expect(await commands.state(commandId, other.ec2InstanceId)).toBeUndefined();
    expect(await commands.state("00000000-0000-4000-8000-000000000000", one.ec2InstanceId)).toBeUndefined();
  });

  test("a command is found by its comment on its own host, the newest first", async () => {
    const [one, other] = [await host(), await host(false)];
    const find = (ec2InstanceId: string, comment: string) =>
      eventually(
        () => commands.find(ec2InstanceId, comment),
        (state) => state?.phase === "over",
      );
    for (const nonce of [hex64Of("first"), hex64Of("second")]) {
      await over(await commands.send(one.ec2InstanceId, { ...ticket, nonce }, "same"), one.ec2InstanceId);
    }
    await commands.send(other.ec2InstanceId, ticket, "same");
    const found = await find(one.ec2InstanceId, "same");
    expect(found).toMatchObject({ phase: "over", status: "Success", comment: "same" });
    expect(JSON.parse(found?.output ?? "").got.nonce).toBe(hex64Of("second"));
    const failed = await find(other.ec2InstanceId, "same");
    expect(JSON.parse(failed?.output ?? "").got).toEqual(ticket);
    expect(await commands.find(one.ec2InstanceId, "sam")).toBeUndefined();
  });

  test.each([
    ["a long answer", "x".repeat(8000), "", true],
    ["an answer beside a log", "", "a line\nand another\n", true],
    ["a refusal beside its reason", "", "Nothing was changed.\n", false],
  ])("%s comes back whole, and nothing else with it", async (comment, text, log, success) => {
    const ec2InstanceId = `i-0${randomBytes(8).toString("hex")}`;
    const output = JSON.stringify({ text });
    await made.agentAnswers(ec2InstanceId, () => ({ output, log, success }));
    const commandId = await commands.send(ec2InstanceId, ticket, comment);
    expect((await over(commandId, ec2InstanceId))?.output.trim()).toBe(output);
    expect((await commands.find(ec2InstanceId, comment))?.output.trim()).toBe(output);
  });
}
