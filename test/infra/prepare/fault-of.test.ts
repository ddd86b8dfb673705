import { expect, test } from "vitest";
import { mysqlEngine } from "../../../infra/prepare/mysql.ts";
import { postgresEngine } from "../../../infra/prepare/postgres.ts";
import { faultOf } from "../../../infra/prepare/prepare.ts";

const acting = (fresh: string, afterDiscard: string, release: string) => ({
  host: "db.example",
  asOwner: fresh === "orders" && afterDiscard === "orders",
  ...{ fresh, afterDiscard, release },
});

test("a login that acts as the owner has no fault", () => {
  expect(faultOf(acting("orders", "orders", "18.4"), "orders", postgresEngine)).toBeUndefined();
});

test.each([
  ["17.0", acting("orders", "try", "17.0"), /acts as try after DISCARD ALL, .* Release 17\.0 .*newest release/],
  ["17.1", acting("try", "try", "17.1"), /acts as try from the start, .* Release 17\.1 /],
])("what release %s does is said, and what to do", (_, found, sentence) => {
  expect(faultOf(found, "orders", postgresEngine)).toMatch(sentence);
});

test("of MariaDB, its own words are said", () => {
  const fault = faultOf(acting("orders", "try", "10.11.19"), "orders", mysqlEngine("mariadb"));
  expect(fault).toMatch(/acts as try after a reset, .* 10\.11\.19 does not keep to SET DEFAULT ROLE/);
});
