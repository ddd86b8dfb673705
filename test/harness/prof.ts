import { FLOWS } from "../../infra/wiring.ts";
import { readDefinitions } from "./definitions.ts";
import { crash, runUndisturbed } from "./run.ts";
import { scenarioOf } from "./scenario.ts";

const definitions = readDefinitions();
for (const { name } of FLOWS)
  for (const route of scenarioOf(name).routes) {
    const { calls } = await runUndisturbed(name, route, definitions);
    const t = process.cpuUsage();
    for (let call = 0; call < Math.min(calls.length, 10); call++)
      await crash(name, route, definitions, { call: call + 1, when: "before", what: "outage" });
    const { user, system } = process.cpuUsage(t);
    console.log(
      name,
      "|",
      route.name,
      calls.length,
      ((user + system) / 1000 / Math.min(calls.length, 10)).toFixed(1),
      "ms",
    );
  }
