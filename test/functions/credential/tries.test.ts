import { expect, test } from "vitest";
import { fakeExecutions } from "../../../functions/clients/executions.fake.ts";
import { findLastTry, startNextTry, tryName } from "../../../functions/credential/tries.ts";
import { SECRET, TOKEN } from "./support.ts";

const rotation = { secret: SECRET, token: TOKEN };

test("a try is named after the secret, the token and its number", () => {
  expect(tryName(rotation, 1)).toBe(`orders-db-${TOKEN}-1`);
  expect(tryName(rotation, "test")).toBe(`orders-db-${TOKEN}-test`);
});

test("whatever secret and token are called, it is a name that Step Functions takes", () => {
  const tokens = ["!".repeat(32), "~".repeat(64), "a".repeat(64), `${"x".repeat(31)}:`];
  for (const token of tokens) {
    for (const secret of ["x".repeat(512), "a/b+c=d.e@f", "-"]) {
      for (const n of [1, 9999, "test"] as const) expect(tryName({ secret, token }, n)).toMatch(/^[\w-]{1,80}$/);
    }
  }
  expect(new Set(tokens.map((token) => tryName({ secret: SECRET, token }, 1))).size).toBe(tokens.length);
});

test("the last try is the one after which there is none", async () => {
  const executions = fakeExecutions();
  const neighbours = { executions };
  expect(await findLastTry(rotation, neighbours)).toBeUndefined();
  for (let n = 1; n <= 3; n += 1) {
    await startNextTry(rotation, { last: await findLastTry(rotation, neighbours), trigger: "watch" }, neighbours);
    expect(await findLastTry(rotation, neighbours)).toMatchObject({ n, end: { status: "RUNNING" } });
  }
  expect(executions.started.map(({ name }) => name)).toEqual([1, 2, 3].map((n) => tryName(rotation, n)));
  expect(executions.started[0]).toMatchObject({ flow: "credential", input: { ...rotation, trigger: "watch" } });
  expect(await findLastTry({ ...rotation, token: "0".repeat(32) }, neighbours)).toBeUndefined();
});

test("who starts the same try at once starts one", async () => {
  const executions = fakeExecutions();
  const next = { last: undefined, trigger: "secretsmanager" } as const;
  await Promise.all([startNextTry(rotation, next, { executions }), startNextTry(rotation, next, { executions })]);
  expect(executions.started).toHaveLength(1);
});
