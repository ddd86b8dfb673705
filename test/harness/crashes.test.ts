import { describe, test } from "vitest";
import { FLOWS } from "../../infra/wiring.ts";
import { type Fault, KINDS } from "./calls.ts";
import { readDefinitions } from "./definitions.ts";
import { crash, runUndisturbed } from "./run.ts";
import { scenarioOf } from "./scenario.ts";

const definitions = readDefinitions();

describe.each(FLOWS)("$name", ({ name: flow }) => {
  test.each(scenarioOf(flow).routes)("$name: undisturbed, it comes to its end", async (route) => {
    await runUndisturbed(flow, route, definitions);
  });

  test.each(scenarioOf(flow).routes)("$name: whatever befalls at any call, all is well in the end", async (route) => {
    const { calls } = await runUndisturbed(flow, route, definitions);
    const t = Date.now();
    for (const what of KINDS) {
      for (const when of ["before", "after"] as const) {
        for (const call of calls.keys()) {
          const fault: Fault = { call: call + 1, when, what };
          await crash(flow, route, definitions, fault).catch((error: unknown) => {
            throw new Error(`${what} ${when} call ${call + 1} (${calls[call]}): ${error}`);
          });
        }
      }
    }
    console.log(flow, route.name, calls.length, Date.now() - t);
  });
});
