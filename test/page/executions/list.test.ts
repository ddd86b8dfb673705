import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EXIT } from "../../../operator/exits.ts";
import { aboutOf } from "../../../operator/page/read/executions-arn.ts";
import { type FlowWorld, namesOf, openFlowWorld } from "./flow-world.ts";

let world: FlowWorld;
beforeEach(() => {
  world = openFlowWorld(() => ({}));
});
afterEach(() => world.close());

const DONE = { Done: { Type: "Succeed" } };
const deploy = (...flows: string[]) => {
  for (const flow of flows) world.make(flow, DONE);
};
const ARN = "arn:aws:states:us-east-1:000000000000:execution:keyturn-rotation";

async function start(flow: string, names: readonly string[], everyMs: number): Promise<void> {
  for (const name of names) {
    world.pass(everyMs);
    await world.start(flow, {}, name);
  }
}
const many = (flow: string, count: number) => Array.from({ length: count }, (_, at) => `${flow}-${at}`);

describe("the list", () => {
  test("has the flows that are deployed, the newest first, and says where registrations are", async () => {
    deploy("rotation", "watch");
    await start("watch", ["one"], 1000);
    await start("rotation", ["two"], 1000);
    const { executions, flows, after, registrationLog } = await world.list();
    expect(namesOf(executions)).toEqual(["two", "one"]);
    expect(flows).toEqual(["rotation", "watch"]);
    expect(after).toBeUndefined();
    expect(registrationLog).toBe("/aws/vendedlogs/states/keyturn-registration");
    expect(namesOf((await world.list("?flow=watch")).executions)).toEqual(["one"]);
    expect(namesOf((await world.list("?status=FAILED")).executions)).toEqual([]);
    expect(await world.list("?flow=operate")).toMatchObject({ executions: [], flows: [] });
  });

  test.each([
    ["at different moments", 10],
    ["at the same moment", 0],
  ])("goes on page by page, each once, where they began %s", async (_, everyMs) => {
    deploy("rotation", "watch", "operate");
    await start("operate", many("operate", 3), 10_000);
    await start("watch", many("watch", 40), 1000);
    await start("rotation", many("rotation", 60), everyMs);
    const found: { name: string; startedAt: number }[] = [];
    let { executions, after } = await world.list();
    found.push(...executions);
    for (let pages = 1; after !== undefined && pages < 20; pages += 1) {
      // What began meanwhile is none of what is older.
      await start("rotation", [`late-${pages}`], 10);
      ({ executions, after } = await world.list(`?after=${encodeURIComponent(after)}`));
      found.push(...executions);
    }
    expect(after).toBeUndefined();
    expect(found).toHaveLength(103);
    expect(new Set(namesOf(found as never)).size).toBe(103);
    const moments = found.map(({ startedAt }) => startedAt);
    expect(moments).toEqual([...moments].sort((one, other) => other - one));
  });

  test("says that there is no Keyturn where none of its flows is", async () => {
    await expect(world.list()).rejects.toThrow(/State Machine Does Not Exist/i);
  });

  test.each([
    ["a flow that there is not", "?flow=nonsense", "There is no flow"],
    ["registrations", "?flow=registration", "/aws/vendedlogs/states/keyturn-registration"],
    ["a status that there is not", "?status=nonsense", "The status is one of"],
    ["a page that nobody gave", "?after=nonsense", "begin with the newest"],
  ])("%s is refused, and it is said why", async (_, query, said) => {
    await expect(world.list(query)).rejects.toMatchObject({ code: EXIT.usage, message: expect.stringContaining(said) });
  });
});

describe("an ARN", () => {
  test.each([
    ["of nothing", "nonsense"],
    ["of another account", `${ARN.replace("000000000000", "111111111111")}:a`],
    ["of another Region", `${ARN.replace("us-east-1", "eu-west-1")}:a`],
    ["of another deployment", `${ARN.replace("keyturn-", "other-")}:a`],
    ["of a flow that is none of ours", `${ARN}-2:a`],
    ["of a state machine", `${ARN.replace("execution", "stateMachine")}:a`],
    ["without a name", ARN],
    ["with more behind its name", `${ARN}:a:b`],
    ["with a name that none has", `${ARN}:a b`],
    ["of two Maps", `${ARN}/One/Two:a`],
    ["too long", `${ARN}:${"a".repeat(300)}`],
  ])("%s is not asked for", async (_, arn) => {
    const calls = world.client.send;
    world.client.send = () => {
      throw new Error("AWS is asked");
    };
    await expect(world.one(arn)).rejects.toMatchObject({
      ...{ code: EXIT.usage, message: expect.stringContaining("is no execution of this deployment") },
    });
    world.client.send = calls;
  });

  test("of a registration leads to the log that has it", async () => {
    const arn = `${ARN.replace(":execution:", ":express:").replace("rotation", "registration")}:a:b`;
    await expect(world.one(arn)).rejects.toThrow("/aws/vendedlogs/states/keyturn-registration");
  });

  test("of one that there is not says what may have come of it", async () => {
    deploy("rotation");
    await expect(world.one(`${ARN}:gone`)).rejects.toMatchObject({
      ...{ code: EXIT.refused, message: expect.stringContaining("90 days after its end") },
    });
  });
});

test.each([
  ["rotation", "0a1b2c-due-1795869996775-0", "0a1b2c"],
  ["operate", "rekey-0a1b2c-20261126T030405Z-7d9b31", "0a1b2c"],
  ["watch", "check-20261126T030405Z-7d9b31", undefined],
  ["watch", "1b725633-b10b-495b-8fdd-218fcc2a6e17_f917ff51-afe4-4355-9dff-83aca3e90d7d", undefined],
  ["credential", "orders-db-16a5f7fa-4277-4860-9815-30c64bca99bd-1", "orders-db"],
  ["credential", "by-hand", undefined],
] as const)("an execution of %s that is named %s is about %s", (flow, name, about) => {
  expect(aboutOf({ flow, name })).toBe(about);
});
