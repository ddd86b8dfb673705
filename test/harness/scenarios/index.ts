import type { FlowName } from "../../../infra/wiring.ts";
import { scenario as credential } from "./credential.ts";
import { scenario as exposedKey } from "./exposed-key.ts";
import { scenario as fleetRotation } from "./fleet-rotation.ts";
import { scenario as operate } from "./operate.ts";
import { scenario as registration } from "./registration.ts";
import { scenario as rotation } from "./rotation.ts";
import type { Scenario } from "./scenario.ts";
import { scenario as watch } from "./watch.ts";

const SCENARIOS: Partial<Record<FlowName, Scenario>> = {
  registration,
  rotation,
  "fleet-rotation": fleetRotation,
  watch,
  operate,
  credential,
  "exposed-key": exposedKey,
};

/** @throws Error that says what to write, for a flow that has none */
export function scenarioOf(flow: FlowName): Scenario {
  const scenario = SCENARIOS[flow];
  if (scenario !== undefined) return scenario;
  throw new Error(
    `The flow ${flow} is run by no test. Write test/harness/scenarios/${flow}.ts: its routes, which together enter each ` +
      "of its states, and what it comes to when a state fails; then name it in SCENARIOS in test/harness/scenarios/index.ts.",
  );
}
