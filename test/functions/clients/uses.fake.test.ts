import { expect, test } from "vitest";
import { fakeUses } from "../../../functions/clients/uses.fake.ts";
import { usesSuite } from "./uses.suite.ts";

usesSuite((most) => {
  const uses = fakeUses(most);
  return { uses, write: uses.write };
});

test("what has no form at all is passed over", async () => {
  const uses = fakeUses();
  uses.written.push(null, "use", { secret: "orders/db" }, { secret: "orders/db", timeMs: "1" });
  expect(await uses.of("orders/db", { from: 0, to: 10 })).toEqual([]);
});
