import { describe, test } from "vitest";
import { FLOWS, type FlowName } from "../../infra/wiring.ts";
import { readDefinitions } from "./definitions.ts";
import { handlerChecks } from "./handlers.ts";
import type { Check } from "./scenario.ts";

const definitions = readDefinitions();
const flows: { flow: FlowName; checks: Check[] }[] = [];
for (const { name } of FLOWS) flows.push({ flow: name, checks: await handlerChecks(name, definitions) });

describe.each(flows)("$flow", ({ checks }) => {
  test.each(checks)("$name", ({ run }) => run(definitions));
});
