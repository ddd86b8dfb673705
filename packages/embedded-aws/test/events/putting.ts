// Puts events for a Lambda function on the bus, prints the ID of each when it was taken, until it is killed.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { EventBridge } from "../../src/events/index.ts";
import { LambdaFunctions } from "../../src/lambda/index.ts";
import { Store } from "../../src/store.ts";
import { FUNCTION, stateChange } from "./harness.ts";

const [folder = "", mode] = process.argv.slice(2);
const parts = { store: new Store(folder), clock: systemClock, random: randomBytes, log: console.error };
const functions = new LambdaFunctions(parts, { logsFolder: join(folder, "logs"), environment: () => ({}) });
functions.define({
  name: "receiver",
  modulePath: join(import.meta.dirname, "receiver.ts"),
  environment: { RECEIVED: join(folder, "received") },
  timeoutSeconds: 5,
});
const nobody = () => Promise.reject(new Error("Only the function is a target here."));
const neighbours = { functions, executions: { start: nobody }, topics: { publish: nobody } };
const bridge = new EventBridge(parts, neighbours, { onEvent: ({ id }) => void process.stdout.write(`${id}\n`) });
const operations = bridge.service.operations as unknown as Record<string, (input: object) => unknown>;
operations.PutRule?.({ Name: "all", EventPattern: '{"source":["aws.ec2"]}' });
operations.PutTargets?.({ Rule: "all", Targets: [{ Id: "one", Arn: FUNCTION }] });
functions.start();
bridge.start();
if (mode === "put") setInterval(() => bridge.raise(stateChange("stopped")), 1);
