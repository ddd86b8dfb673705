import { expect, test } from "vitest";
import { actingAs } from "../../../functions/mysql/roles.ts";

test.each([
  ["MariaDB's role", "orders", "orders"],
  ["MySQL's role", "`orders`@`%`", "orders"],
  ["no role, as MariaDB says it", null, "orders_a"],
  ["no role, as MySQL says it", "NONE", "orders_a"],
  ["another role", "`other`@`%`", "`other`@`%`"],
  ["several roles", "`orders`@`%`,`other`@`%`", "`orders`@`%`,`other`@`%`"],
])("%s", (_, role, who) => {
  expect(actingAs(role, { user: "orders_a", owner: "orders" })).toBe(who);
});

test("a name of MySQL's is quoted there", () => {
  expect(actingAs("`or``ders`@`%`", { user: "a", owner: "or`ders" })).toBe("or`ders");
});
