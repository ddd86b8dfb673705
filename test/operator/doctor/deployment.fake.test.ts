import { describe } from "vitest";
import { type FakeDeployment, fakeDeployment } from "../../../operator/doctor/deployment.fake.ts";
import { type DeploymentUnderTest, deploymentSuite } from "./deployment.suite.ts";
import { healthy } from "./healthy.ts";

describe("a deployment in memory", () => {
  deploymentSuite(() => {
    const has: FakeDeployment = {
      ...healthy(),
      ...{ stacks: new Map(), subscribers: undefined, schedules: new Map(), executions: {} },
      ...{ template: undefined, alarms: [] },
    };
    const under: DeploymentUnderTest = {
      stack: "Keyturn",
      deployment: fakeDeployment(has),
      async makeStack(name, description) {
        has.stacks.set(name, { status: "CREATE_COMPLETE", description });
      },
      async makeTopic() {
        has.subscribers = [];
      },
      async subscribe(endpoint) {
        has.subscribers?.push({ endpoint, isConfirmed: false });
      },
      async makeSchedule(name, schedule) {
        has.schedules.set(name, schedule);
      },
      async makeTemplate(latestVersion) {
        has.template = { defaultVersion: 1, latestVersion };
      },
      async makeAlarm(name, state) {
        has.alarms.push({ name, state, since: 1 });
      },
    };
    return under;
  });
});
