import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { arnOf, type BusEvent, type EmbeddedAws, startAws } from "embedded-aws";
import { afterAll, beforeAll } from "vitest";
import { TURN_DOCUMENT } from "../../agent/ssm-document.ts";
import { BEING_REACHED } from "../../infra/rights/instances.ts";
import { NAMES } from "../../infra/wiring.ts";
import type { AwsUnderTest, WaitingTask } from "../functions/clients/aws-under-test.ts";
import { suitesOverAws } from "../functions/clients/over-aws.ts";
import { startTestFleet, type TestFleet, until } from "./support.ts";

// The suites that the fakes pass, over the clients that run on AWS.

const folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
const events: BusEvent[] = [];
let fleet: TestFleet;
/** Another, whose hosts run no agent but what a test says. */
let answering: EmbeddedAws | undefined;
beforeAll(async () => {
  fleet = await startTestFleet(0, { onEvent: (event, bus) => bus === NAMES.eventBus && events.push(event) });
});
afterAll(async () => {
  await Promise.all([fleet.close(), answering?.close()]);
  rmSync(folder, { recursive: true });
});

suitesOverAws(
  (): AwsUnderTest => ({
    place: placeOf(fleet.aws),
    launch: async (count) => fleet.aws.instances.launch(count).map(({ id }) => id),
    hear: async () => async () => events.map(({ "detail-type": detailType, detail }) => ({ detailType, detail })),
    subscribe: async () => async () => fleet.aws.inbox.list(),
    waiting: async () => waitingForNobody(),
    commands: answeringHosts,
  }),
);

function placeOf({ endpoint, region, credentials }: EmbeddedAws) {
  return { endpoint, region, credentials };
}

/** A task that waits for a function that does nothing. Its token is seen in the history: the function was called with it. */
function waitingForNobody(): WaitingTask {
  fleet.aws.functions.define({
    name: "idle",
    modulePath: fileURLToPath(new URL("./functions/idle.ts", import.meta.url)),
    environment: {},
    timeoutSeconds: 3,
  });
  const invoking = { Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: ["*"] } as const;
  fleet.aws.roles.put({ name: "test", statements: [invoking] });
  return {
    state: {
      Type: "Task",
      QueryLanguage: "JSONata",
      Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
      Arguments: {
        FunctionName: arnOf("lambda", "function:idle"),
        Payload: { token: "{% $states.context.Task.Token %}" },
      },
    },
    tokenOf: (executionArn) =>
      until(async () => {
        const history = await fleet.history(executionArn);
        const scheduled =
          history.find(({ type }) => type === "TaskSubmitted") && history.find(({ type }) => type === "TaskScheduled");
        return scheduled && JSON.parse(scheduled.taskScheduledEventDetails?.parameters ?? "{}").Payload.token;
      }, "the task token"),
  };
}

type Agent = Parameters<Awaited<ReturnType<AwsUnderTest["commands"]>>["agentAnswers"]>[1];

/** Hosts that answer as a test says when they are told to turn. */
async function answeringHosts() {
  const agents = new Map<string, Agent>();
  const aws = await startAws({
    folder,
    instanceRole: { name: "Instance", statements: [BEING_REACHED] },
    shell: {
      state: (ec2InstanceId) => (agents.has(ec2InstanceId) ? "running" : undefined),
      async runScript(ec2InstanceId) {
        const { output = "", log = "", success = false } = agents.get(ec2InstanceId)?.() ?? {};
        await pause(1);
        return { exitCode: success ? 0 : 3, stdout: output, stderr: log, timedOut: false };
      },
    },
  });
  answering = aws;
  aws.commands.deployDocument(NAMES.pushDocument, JSON.stringify(TURN_DOCUMENT));
  aws.resume();
  return {
    place: placeOf(aws),
    agentAnswers: (ec2InstanceId: string, answer: Agent) => void agents.set(ec2InstanceId, answer),
  };
}
