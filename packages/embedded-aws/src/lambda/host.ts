import { basename, extname } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort } from "node:worker_threads";
import { inFunction, runningFunction, separateFunctions, writeLog } from "./host-environment.ts";
import type { DefineMessage, FromHost, FunctionError, InvokeMessage, ToHost } from "./messages.ts";

/*
 * The thread that runs the handlers of all functions. Modules that several functions import are loaded once, by the
 * first one that needs them and with its variables; the function's own module is loaded for each function.
 */

type Handler = (event: unknown, context: object) => unknown;

/** An error that AWS's own runtime reports under a name of its own. */
class RuntimeError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

const port = parentPort;
if (port === null) throw new Error("host.ts is the start of a worker thread; it does nothing by itself.");
const definitions = new Map<string, DefineMessage>();
const handlers = new Map<DefineMessage, Promise<Handler>>();
let lastImport: Promise<unknown> = Promise.resolve();

separateFunctions();
// What fails outside the handler's own promise is that invocation's failure, not the end of all the others.
for (const event of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(event, (error: unknown) => {
    const requestId = runningFunction()?.requestId;
    const described =
      event === "unhandledRejection"
        ? describe(new RuntimeError("Runtime.UnhandledPromiseRejection", String(error)))
        : describe(error);
    if (requestId === undefined) writeLog(`${JSON.stringify(described)}\n`);
    else send({ kind: "failed", requestId, error: described });
  });
}

port.on("message", (message: ToHost) => {
  if (message.kind === "define") definitions.set(message.name, message);
  else if (message.kind === "ping") send({ kind: "pong" });
  else void invoke(message);
});

async function invoke(call: InvokeMessage): Promise<void> {
  const definition = definitions.get(call.name);
  if (definition === undefined) throw new Error(`Function ${call.name} was invoked before it was defined.`);
  const { name, environment } = definition;
  await inFunction({ name, environment, requestId: call.requestId }, async () => {
    try {
      const isFirst = !handlers.has(definition);
      const handler = await handlerOf(definition);
      if (isFirst) send({ kind: "loaded", requestId: call.requestId, name });
      const deadline = performance.now() + call.timeoutMs;
      const result = await handler(JSON.parse(call.payload), contextOf(definition, call, deadline));
      send({ kind: "returned", requestId: call.requestId, payload: serialised(result) });
    } catch (error) {
      const described = describe(error);
      writeLog(`${call.requestId}\tERROR\tInvoke Error\t${JSON.stringify(described)}\n`);
      send({ kind: "failed", requestId: call.requestId, error: described });
    }
  });
}

function handlerOf(definition: DefineMessage): Promise<Handler> {
  let handler = handlers.get(definition);
  if (handler === undefined) {
    // One import after the other, so that a module shared by two functions is not loaded half for each.
    handler = lastImport.then(() => load(definition));
    lastImport = handler.catch(() => undefined); // The failure is told to whoever awaits `handler`.
    handlers.set(definition, handler);
  }
  return handler;
}

async function load({ name, version, modulePath }: DefineMessage): Promise<Handler> {
  const url = pathToFileURL(modulePath);
  url.search = `${name}.${version}`;
  let module: { handler?: unknown };
  try {
    module = await import(url.href);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if (code === "ERR_MODULE_NOT_FOUND") throw new RuntimeError("Runtime.ImportModuleError", String(error));
    if (error instanceof SyntaxError) throw new RuntimeError("Runtime.UserCodeSyntaxError", String(error));
    throw error;
  }
  if (typeof module.handler !== "function") {
    const file = basename(modulePath, extname(modulePath));
    throw new RuntimeError("Runtime.HandlerNotFound", `${file}.handler is undefined or not exported`);
  }
  return module.handler as Handler;
}

function contextOf(
  { name, arn, memorySize, environment }: DefineMessage,
  call: InvokeMessage,
  deadline: number,
): object {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: name,
    functionVersion: "$LATEST",
    invokedFunctionArn: arn,
    memoryLimitInMB: String(memorySize),
    awsRequestId: call.requestId,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
  };
}

function serialised(result: unknown): string {
  try {
    return JSON.stringify(result) ?? "null";
  } catch {
    // What cannot be written as JSON (a cycle, a BigInt) is the function's mistake; AWS reports it without the cause.
    throw new RuntimeError("Runtime.MarshalError", "Unable to stringify response body");
  }
}

function describe(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
}

function send(message: FromHost): void {
  port?.postMessage(message);
}
