import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { alarms } from "./suites/alarms.ts";
import { asynchronous } from "./suites/asynchronous.ts";
import { data } from "./suites/data.ts";
import { deployable } from "./suites/deployable.ts";
import { fleet } from "./suites/fleet.ts";
import { functions } from "./suites/functions.ts";
import { machines } from "./suites/machines.ts";
import { rights } from "./suites/rights.ts";
import { wiring } from "./suites/wiring.ts";
import { synthesize } from "./synthesized.ts";

// Synthesis takes most of the time: it is done once for each store, for all suites.
const root = fileURLToPath(new URL("../..", import.meta.url));
const withTimestream = synthesize();
const withDynamoDb = synthesize({ timeSeries: "dynamodb" });

for (const [store, given] of [
  ["timestream", withTimestream],
  ["dynamodb", withDynamoDb],
] as const) {
  rights(store, given);
  fleet(store, given);
  data(store, given);
  deployable(store, given);
}
functions(withTimestream);
machines(withTimestream);
asynchronous(withTimestream);
alarms(
  withTimestream,
  globSync("functions/*/*/step.ts", { cwd: root }).map((path) => readFileSync(`${root}/${path}`, "utf8")),
);
wiring(withTimestream);
