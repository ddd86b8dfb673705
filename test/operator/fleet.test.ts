import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestFleet, type TestFleet } from "../flows/support.ts";
import { envOf, keyturn, personWith } from "./keyturn.ts";

let fleet: TestFleet;
let env: Record<string, string>;
beforeAll(async () => {
  fleet = await startTestFleet(2);
  env = envOf(fleet, await personWith("reader", fleet));
});
afterAll(() => fleet.close());

test("the fleet is shown to whoever may read", async () => {
  const { code, out, err } = await keyturn(["fleet"], { env });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  for (const { id } of await fleet.records()) expect(out).toContain(id);
});
