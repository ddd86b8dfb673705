import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateStateMachineCommand, SFNClient } from "@aws-sdk/client-sfn";
import { ACCOUNT, functionArn, startAws } from "embedded-aws";
import { handler } from "./functions/at-once.ts";
import { type Measurement, perSecond, rounded } from "./measurement.ts";
import { heapMegabytes } from "./memory.ts";
import { inParallel } from "./parallel.ts";
import { Runs } from "./runs.ts";

const STATES = 10;
const FEW = 1_000;
const MANY = 10_000;
const AT_ONCE = 50;

/** How fast a state machine of ten Tasks runs, and whether memory grows with the executions that are over. */
export async function measureExecutions(): Promise<Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-bench-"));
  const runs = new Runs();
  const aws = await startAws({
    folder,
    log: (sentence) => process.stderr.write(`${sentence}\n`),
    onEvent: (event) => runs.onEvent(event),
  });
  try {
    aws.functions.define({
      name: "at-once",
      modulePath: join(import.meta.dirname, "functions/at-once.ts"),
      environment: {},
      timeoutSeconds: 10,
    });
    aws.resume();
    const client = new SFNClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
    const stateMachineArn = await createMachine(client);
    const runOne = () => runs.run(client, stateMachineArn, { id: "0a1b2c" });
    const run = (count: number) => inParallel(Array.from({ length: count }), runOne, AT_ONCE);

    await run(FEW);
    const heapOfFew = heapMegabytes();
    const began = performance.now();
    await run(MANY - FEW);
    const rate = perSecond(MANY - FEW, performance.now() - began);
    const heapOfMany = heapMegabytes();
    const invoked = await inALoop(() => aws.functions.invoke("at-once", { id: "0a1b2c" }), 500);
    const bare = await inALoop(() => handler({ id: "0a1b2c" }), 100_000);
    return [
      {
        what: `executions a second, ${STATES} Tasks each, histories on disk`,
        figure: `${rounded(rate)}/s`,
        beside:
          `${rounded(bare)}/s the bare handlers in a loop: ${(rate / bare).toFixed(4)}; ` +
          `${rounded(invoked)}/s through Lambda: ${rounded(rate / invoked)}`,
        aim: "300/s",
        met: rate >= 300,
      },
      {
        what: `heap after ${MANY} executions`,
        figure: `${rounded(heapOfMany)} MB`,
        beside: `${rounded(heapOfFew)} MB after ${FEW}: ${rounded(heapOfMany / heapOfFew)}`,
        aim: "no growth",
        met: heapOfMany - heapOfFew < 2,
      },
    ];
  } finally {
    await aws.close();
    rmSync(folder, { recursive: true });
  }
}

async function createMachine(client: SFNClient): Promise<string> {
  const task = (n: number) => ({
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Arguments: { FunctionName: functionArn("at-once"), Payload: { id: "{% $states.input.id %}" } },
    Output: "{% $states.result.Payload %}",
    ...(n < STATES ? { Next: `Step${n + 1}` } : { End: true }),
  });
  const states = Array.from({ length: STATES }, (_, n) => [`Step${n + 1}`, task(n + 1)]);
  const definition = { QueryLanguage: "JSONata", StartAt: "Step1", States: Object.fromEntries(states) };
  const command = new CreateStateMachineCommand({
    name: "ten-states",
    definition: JSON.stringify(definition),
    roleArn: `arn:aws:iam::${ACCOUNT}:role/bench`,
  });
  return (await client.send(command)).stateMachineArn ?? "";
}

/** What an execution calls, called in a loop `count` times. Returns how often a second. */
async function inALoop(call: () => Promise<unknown>, count: number): Promise<number> {
  const began = performance.now();
  for (let n = 0; n < count; n += 1) {
    for (let state = 0; state < STATES; state += 1) await call();
  }
  return perSecond(count, performance.now() - began);
}
