import { SendTaskSuccessCommand } from "@aws-sdk/client-sfn";
import { ACCOUNT, PARTITION, REGION } from "embedded-aws";
import { routesOver } from "../../../operator/page/read/executions.ts";
import { routeFor } from "../../../operator/page/server/routes.ts";
import type { ExecutionDocument, ExecutionRow, ExecutionsDocument } from "../../../operator/page/wire/executions.ts";
import { findPlace } from "../../../operator/place/place.ts";
import { lambda, named, openWorld, type World } from "../../../packages/embedded-aws/test/stepfunctions/world.ts";
import { fill } from "../../../statemachines/placeholders.ts";
import { readFlow } from "../../../statemachines/read.ts";

export { named };

const MACHINE = (flow: string) => `arn:${PARTITION}:states:${REGION}:${ACCOUNT}:stateMachine:keyturn-${flow}`;

/** Functions in the place of a flow's steps, by the step's name; each of them may be another in a test. */
type Steps = Record<string, (payload: never) => unknown>;

/** Our own flows on the embedded Step Functions, with made-up functions and a clock that is moved by hand. */
export interface FlowWorld extends World {
  /** Makes the flow as its file has it. */
  deploy(flow: string, given?: Record<string, string>): Promise<void>;
  start(flow: string, input: unknown, name?: string): Promise<string>;
  /** What the page's server answers. @throws as its route does */
  ask(path: string): Promise<unknown>;
  list(query?: string): Promise<ExecutionsDocument>;
  one(arn: string): Promise<ExecutionDocument>;
}

export async function openFlowWorld(steps: () => Steps): Promise<FlowWorld> {
  // Each is looked up when it is called, so that a test may put another in its place.
  const handlers = new Proxy<Steps>({}, { get: (_, name) => steps()[String(name)] });
  const world = await openWorld({ handlers });
  const caller = async () => ({ partition: PARTITION, region: REGION, account: ACCOUNT, who: "somebody" });
  const executions = { sfn: world.client, caller, place: findPlace({ aws: true, region: REGION }, {}) };
  const routes = routesOver(() => executions);
  const ask = async (path: string) => {
    const { pathname, searchParams: query } = new URL(path, "http://page");
    const found = routeFor(routes, "GET", pathname);
    if (found === undefined) throw new Error(`no route: ${path}`);
    const { route, params } = found;
    return route.answer({ params, query, body: undefined, gone: new AbortController().signal });
  };
  return {
    ...world,
    async deploy(flow, given = {}) {
      const { text } = readFlow(flow);
      const values = new Proxy(given, { get: (known, name) => known[String(name)] ?? standsFor(String(name)) });
      const { States, StartAt, ...top } = JSON.parse(fill(text, values));
      await world.machine(States, { name: `keyturn-${flow}`, startAt: StartAt, top });
    },
    async start(flow, input, name) {
      const { StartExecutionCommand } = await import("@aws-sdk/client-sfn");
      const command = new StartExecutionCommand({
        ...{ stateMachineArn: MACHINE(flow), input: JSON.stringify(input) },
        ...(name !== undefined && { name }),
      });
      return (await world.client.send(command)).executionArn ?? "";
    },
    ask,
    list: (query = "") => ask(`/api/executions${query}`) as Promise<ExecutionsDocument>,
    one: (arn) => ask(`/api/execution/${encodeURIComponent(arn)}`) as Promise<ExecutionDocument>,
  };
}

/** E.g. of `ReadTimeSeriesFunctionArn` the function `read-time-series`, and of `RotationStateMachineArn` the flow's. */
function standsFor(placeholder: string): string {
  const [, step, flow] = /^(\w+)FunctionArn$|^(\w+)StateMachineArn$/.exec(placeholder) ?? [];
  const kebab = (name: string) => name.replace(/(?<!^)[A-Z]/g, "-$&").toLowerCase();
  if (step !== undefined) return lambda(kebab(step));
  return flow === undefined ? "2" : MACHINE(kebab(flow));
}

/** A rotation that goes well. */
export function goodRotation(world: () => World): Steps {
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
