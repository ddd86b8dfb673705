import { describe, test } from "vitest";
import { FLOWS } from "../../infra/wiring.ts";
import { readDefinitions } from "./definitions.ts";
import { limitChecks } from "./limits.ts";

const definitions = readDefinitions();

describe.each(FLOWS)("$name", ({ name }) => {
  test.each(limitChecks(name, definitions))("$name", ({ run }) => run(definitions));
});
