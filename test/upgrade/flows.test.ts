import { describe, expect, test } from "vitest";
import { FLOWS, type FlowName } from "../../infra/wiring.ts";
import { type Definitions, readDefinitions } from "../harness/definitions.ts";
import { runUndisturbed } from "../harness/run.ts";
import { scenarioOf } from "../harness/scenarios/index.ts";
import { flowsOf, keptVersions } from "./kept.ts";

// An execution goes on with the definition that it was started with, and calls the functions as they are now. A rotation
// waits for its push for up to half an hour, so at most deployments there is one.
describe.each(keptVersions())("executions of %s, with the functions of this version", (version) => {
  const kept = flowsOf(version);
  const inBoth = FLOWS.map(({ name }) => name).filter((name) => name in kept);
  // What has come since stands beside them as it is.
  const definitions = { ...readDefinitions(), ...kept } as Definitions;
  const routes = inBoth.flatMap((flow) =>
    scenarioOf(flow)
      .routes.filter(({ since }) => since === undefined || since in definitions[flow].States)
      .map((route) => ({ flow, route, name: route.name })),
  );

  test.each(routes)("$flow: $name", async ({ flow, route }: (typeof routes)[number] & { flow: FlowName }) => {
    const { states } = await runUndisturbed(flow, route, definitions);
    expect(states.length).toBeGreaterThan(0);
  });
});
