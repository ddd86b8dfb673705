// Runs recorded state machines through the interpreter's HTTP API and prints what it did, one JSON line a case:
//   npm run --silent conformance -- CASES.json

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from "@aws-sdk/client-sfn";
import { systemClock } from "../clock.ts";
import { Credentials } from "../http/credentials.ts";
import { startServer } from "../http/server.ts";
import type { FunctionInvoker, Invocation, Parts } from "../parts.ts";
import { REGION } from "../place.ts";
import { Store } from "../store.ts";
import { StepFunctions } from "./index.ts";

/** A recorded execution, as far as it is needed to run it again. */
export interface Case {
  id: string;
  kind: "history" | "sync";
  type: "STANDARD" | "EXPRESS";
  definition: unknown;
  /** JSON text. */
  input: string;
  /** What the functions do that the definition calls, by the last part of their ARN. */
  functions: Record<string, string>;
}

/** What the interpreter did with a case. Outputs are JSON texts, as AWS returns them. */
export interface Outcome {
  id: string;
  /** Whether the machine could be created. */
  accepted: boolean;
  status?: string;
  output?: string;
  error?: string;
  cause?: string;
  events?: HistoryEvent[];
}

/** A function's event in, what becomes of the invocation out. */
const STUBS: Record<string, (event: unknown) => Invocation> = {
  id_function: (event) => ({ ok: true, payload: event }),
  raise_exception: () => ({ ok: false, errorType: "Exception", errorMessage: "Some exception was raised." }),
};

/** An interpreter behind a server of its own, to run cases one after another. */
export async function startRunner(): Promise<{
  run: (recorded: Case) => Promise<Outcome>;
  close: () => Promise<void>;
}> {
  const parts: Parts = { store: new Store(), clock: systemClock, random: randomBytes, log: () => {} };
  let functions: Case["functions"] = {};
  const invoker: FunctionInvoker = {
    async invoke(functionName, payload) {
      const stub = STUBS[functions[functionName.split(":").at(-1) ?? ""] ?? ""];
      if (stub !== undefined) return stub(payload);
      return { ok: false, errorType: "Stub.Missing", errorMessage: `There is no stub for ${functionName}.` };
    },
  };
  const stepFunctions = new StepFunctions(parts, { functions: invoker, events: { raise: () => {} } });
  const credentials = new Credentials(parts);
  const server = await startServer({ port: 0, services: [stepFunctions.service], credentials, parts });
  const operator = { kind: "operator", arn: "arn:aws:iam::000000000000:user/operator", userId: "operator" } as const;
  const client = new SFNClient({
    endpoint: server.endpoint,
    region: REGION,
    credentials: credentials.issue(operator, { temporary: false }),
    disableHostPrefix: true,
  });
  let count = 0;
  return {
    async run(recorded) {
      functions = recorded.functions;
      count += 1;
      return runCase(client, recorded, `case-${count}`);
    },
    async close() {
      client.destroy();
      await stepFunctions.close();
      await server.close();
      parts.store.close();
    },
  };
}

async function runCase(client: SFNClient, recorded: Case, name: string): Promise<Outcome> {
  const { id, kind, type, definition, input } = recorded;
  let stateMachineArn: string | undefined;
  try {
    const text = typeof definition === "string" ? definition : JSON.stringify(definition);
    const roleArn = "arn:aws:iam::000000000000:role/conformance";
    ({ stateMachineArn } = await client.send(new CreateStateMachineCommand({ name, type, definition: text, roleArn })));
  } catch (error) {
    const { name: refusal, message } = error as Error;
    return { id, accepted: false, error: refusal, cause: message };
  }
  if (kind === "sync") {
    const { status, output, error, cause } = await client.send(
      new StartSyncExecutionCommand({ stateMachineArn, input }),
    );
    return { id, accepted: true, ...given({ status, output, error, cause }) };
  }
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, input }));
  let { status, output, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
  while (status === "RUNNING") {
    await new Promise((resolve) => setTimeout(resolve, 5));
    ({ status, output, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn })));
  }
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(new GetExecutionHistoryCommand({ executionArn, ...(nextToken && { nextToken }) }));
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return { id, accepted: true, ...given({ status, output, error, cause }), events };
}

function given(members: Record<string, string | undefined>): Partial<Outcome> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

async function main(): Promise<void> {
  const [file] = process.argv.slice(2);
  if (file === undefined) {
    console.error("Which cases? Usage: npm run --silent conformance -- CASES.json");
    process.exitCode = 2;
    return;
  }
  let cases: Case[];
  try {
    cases = JSON.parse(readFileSync(file, "utf8")) as Case[];
  } catch (error) {
    console.error(`The file ${file} cannot be read as cases: ${(error as Error).message}`);
    process.exitCode = 1;
    return;
  }
  const runner = await startRunner();
  for (const recorded of cases) console.log(JSON.stringify(await runner.run(recorded)));
  await runner.close();
}

if (import.meta.main) await main();
