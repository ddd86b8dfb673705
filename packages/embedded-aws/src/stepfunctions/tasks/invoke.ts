import type { TaskState } from "../definition/machine.ts";
import { uuid } from "../functions.ts";
import type { Json, JsonObject } from "../json.ts";
import { begin, type Run } from "../run.ts";
import { argumentsOf, type Integration, limits, recordScheduled, submitted, succeed, unusable } from "./answer.ts";
import type { Order } from "./order.ts";

/** Schedules `lambda:invoke`: the function and its event stand in the Arguments, the result has an envelope. */
export function scheduleInvoke(run: Run<TaskState>, resource: Integration, order: Order): void {
  const { engine, execution, branch } = run;
  const given = argumentsOf(run, order, resource);
  const { FunctionName: functionName, Payload: payload = {}, InvocationType: type = "RequestResponse" } = given;
  if (typeof functionName !== "string") throw unusable(run, order, "The field 'FunctionName' is required");
  if (type !== "RequestResponse") throw unusable(run, order, "Only the InvocationType 'RequestResponse' is supported");
  begin(run);
  const attempt = recordScheduled(run, resource, order);
  const call = { kind: "function", functionName, payload } as const;
  engine.settle(execution, branch, { at: "task", attempt, call, ...limits(run, order) });
}

/** The function has answered: the Task ends, or goes on until its token comes back. */
export async function endInvoke(run: Run<TaskState>, answer: Json): Promise<void> {
  const { execution, branch, state } = run;
  const { resource } = state;
  const { phase } = branch;
  if (resource.kind === "function" || phase.at !== "task") return;
  const result = envelope(run, answer);
  if (!resource.token) return succeed(run, result);
  submitted(run, resource, result);
  delete phase.call;
  execution.changed.add(branch);
}

/** The answer of Lambda's Invoke as Step Functions hands it on. */
function envelope(run: Run, payload: Json): JsonObject {
  const { random, clock } = run.engine.parts;
  const requestId = uuid(random(16));
  const headers: [string, string][] = [
    ["X-Amz-Executed-Version", "$LATEST"],
    ["x-amzn-Remapped-Content-Length", "0"],
    ["Connection", "keep-alive"],
    ["x-amzn-RequestId", requestId],
    ["Content-Length", String(Buffer.byteLength(JSON.stringify(payload)))],
    ["Date", new Date(clock.now()).toUTCString()],
    ["X-Amzn-Trace-Id", `root=1-${random(4).toString("hex")}-${random(12).toString("hex")};sampled=0`],
    ["Content-Type", "application/json"],
  ];
  return {
    ExecutedVersion: "$LATEST",
    Payload: payload,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(headers.map(([name, value]) => [name, [value]])),
      HttpHeaders: Object.fromEntries(headers),
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
}
