import { describe, test } from "vitest";
import { FLOWS } from "../../infra/wiring.ts";
import { readDefinitions } from "./definitions.ts";
import { scenarioOf } from "./scenario.ts";

const definitions = readDefinitions();
const flows = FLOWS.map(({ name }) => ({ flow: name, edges: scenarioOf(name).edges ?? [] }));

describe.each(flows.filter(({ edges }) => edges.length > 0))("$flow", ({ edges }) => {
  test.each(edges)("$name", ({ run }) => run(definitions));
});
