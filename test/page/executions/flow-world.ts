import { setImmediate as soon } from "node:timers/promises";
import { SendTaskSuccessCommand, type SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { ACCOUNT, PARTITION, REGION, StepFunctions, Store } from "embedded-aws";
import { routesOver } from "../../../operator/page/read/executions.ts";
import { readHistory } from "../../../operator/page/read/executions-history.ts";
import { routeFor } from "../../../operator/page/server/routes.ts";
import type { ExecutionDocument, ExecutionRow, ExecutionsDocument } from "../../../operator/page/wire/executions.ts";
import { findPlace } from "../../../operator/place/place.ts";
import { fill } from "../../../statemachines/placeholders.ts";
import { readFlow } from "../../../statemachines/read.ts";
import { HandClock } from "../../harness/clock.ts";
import { clientOf } from "./sfn-in-process.ts";

const MACHINE = (flow: string) => `arn:${PARTITION}:states:${REGION}:${ACCOUNT}:stateMachine:keyturn-${flow}`;
const lambda = (name: string) => `arn:${PARTITION}:lambda:${REGION}:${ACCOUNT}:function:${name}`;

/** An error as a function throws it. */
export function named(name: string, message = "It failed."): Error {
  return Object.assign(new Error(message), { name });
}

/** Functions in the place of a flow's steps, by the step's name; each of them may be another in a test. */
export type Steps = Record<string, (payload: never) => unknown>;

/** Our own flows on the embedded Step Functions, with made-up functions and a clock that is moved by hand. */
export interface FlowWorld {
  client: SFNClient;
  /** Moves the clock on. */
  pass(ms: number): void;
  /** Makes the flow as its file has it. */
  deploy(flow: string, given?: Record<string, string>): void;
  /** Makes a flow of these states. */
  make(flow: string, states: object, top?: object): void;
  start(flow: string, input: unknown, name?: string): Promise<string>;
  ended(arn: string): Promise<void>;
  /** Waits until the history holds so many events of a type. */
  until(arn: string, type: string, count?: number): Promise<void>;
  history(arn: string): ReturnType<typeof readHistory>;
  /** What the page's server answers. @throws as its route does */
  list(query?: string): Promise<ExecutionsDocument>;
  one(arn: string): Promise<ExecutionDocument>;
  close(): Promise<void>;
}

export function openFlowWorld(steps: () => Steps): FlowWorld {
  const clock = new HandClock(Date.parse("2026-01-01T00:00:00.000Z"));
  const store = new Store();
  let drawn = 0;
  const random = (bytes: number) => {
    drawn += 1;
    return Buffer.alloc(bytes, String(drawn));
  };
  const invoke = async (functionArn: string, payload: unknown) => {
    const name = functionArn.split(":").at(-1) ?? "";
    try {
      // It is looked up when it is called, so that a test may put another in its place.
      return { ok: true as const, payload: await steps()[name]?.(payload as never) };
    } catch (error) {
      const { name: errorType, message: errorMessage } = error as Error;
      return { ok: false as const, errorType, errorMessage };
    }
  };
  const events = { raise: () => undefined };
  const stepFunctions = new StepFunctions(
    { store, clock, random, log: () => undefined },
    { functions: { invoke }, events },
  );
  const client = clientOf(stepFunctions.service);
  stepFunctions.start();

  const account = async () => ({ partition: PARTITION, region: REGION, account: ACCOUNT });
  const executions = { sfn: client, account, place: findPlace({ aws: true, region: REGION }, {}) };
  const routes = routesOver(() => executions);
  const ask = async (path: string) => {
    const { pathname, searchParams: query } = new URL(path, "http://page");
    const found = routeFor(routes, "GET", pathname);
    if (found === undefined) throw new Error(`no route: ${path}`);
    const { route, params } = found;
    return route.answer({ params, query, body: undefined, gone: new AbortController().signal });
  };
  const one = (arn: string) => ask(`/api/execution/${encodeURIComponent(arn)}`) as Promise<ExecutionDocument>;
  const history = (arn: string) => readHistory(arn, client);

  const world: FlowWorld = {
    ...{ client, one, history },
    pass: (ms) => clock.moveTo(clock.now() + ms),
    deploy(flow, given = {}) {
      const values = new Proxy(given, { get: (known, name) => known[String(name)] ?? standsFor(String(name)) });
      const { States, ...top } = JSON.parse(fill(readFlow(flow).text, values));
      world.make(flow, States, top);
    },
    make(flow, states, top = {}) {
      const definition = { QueryLanguage: "JSONata", StartAt: Object.keys(states)[0], ...top, States: states };
      const roleArn = `arn:${PARTITION}:iam::${ACCOUNT}:role/flows`;
      const given = { name: `keyturn-${flow}`, type: "STANDARD", roleArn, definition: JSON.stringify(definition) };
      stepFunctions.service.operations.CreateStateMachine?.(given as never, {} as never);
    },
    async start(flow, input, name) {
      const command = {
        stateMachineArn: MACHINE(flow),
        input: JSON.stringify(input),
        ...(name !== undefined && { name }),
      };
      return (await client.send(new StartExecutionCommand(command))).executionArn ?? "";
    },
    async ended(arn) {
      while ((await one(arn)).status === "RUNNING") await soon();
    },
    async until(arn, type, count = 1) {
      while ((await history(arn)).events.filter((event) => event.type === type).length < count) await soon();
    },
    list: (query = "") => ask(`/api/executions${query}`) as Promise<ExecutionsDocument>,
    async close() {
      client.destroy();
      await stepFunctions.close();
      store.close();
    },
  };
  return world;
}

/** E.g. of `ReadTimeSeriesFunctionArn` the function `read-time-series`, and of `RotationStateMachineArn` the flow's. */
function standsFor(placeholder: string): string {
  const [, step, flow] = /^(\w+)FunctionArn$|^(\w+)StateMachineArn$/.exec(placeholder) ?? [];
  const kebab = (name: string) => name.replace(/(?<!^)[A-Z]/g, "-$&").toLowerCase();
  if (step !== undefined) return lambda(kebab(step));
  return flow === undefined ? "2" : MACHINE(kebab(flow));
}

/** A rotation that goes well. */
export function goodRotation(world: () => FlowWorld): Steps {
  const id = { id: "0a1b2c", ec2InstanceId: "i-0123456789abcdef0", generation: 1 };
  return {
    "validate-id": () => id,
    "read-time-series": () => ({ samples: [] }),
    "verify-hash": () => ({ verdict: "MATCH", lastProofAt: 1 }),
    "derive-successor": () => ({ generation: 2, receiptDigest: "00" }),
    "push-to-instance": ({ taskToken }: { taskToken: string }) => {
      const output = JSON.stringify({ receipt: { id: id.id, generation: 2 } });
      setImmediate(() => world().client.send(new SendTaskSuccessCommand({ taskToken, output })));
      return { commandId: "c" };
    },
    "confirm-successor": () => ({ hooksFailed: [] }),
    "promote-successor": () => ({ generation: 2 }),
  };
}

/** The ways that were taken, as `Verdict > NotifySns`, with the error that was caught. */
export function takenIn({ graph }: ExecutionDocument): string[] {
  const taken = graph.edges.filter((edge) => edge.taken > 0);
  return taken.map(({ from, to, error }) => `${from} > ${to}${error === undefined ? "" : ` (${error})`}`);
}

export const namesOf = (rows: readonly ExecutionRow[]) => rows.map(({ name }) => name);
