import { mkdirSync } from "node:fs";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { AccessKey } from "../http/credentials.ts";
import type { Invocation, Parts } from "../parts.ts";
import { REGION } from "../place.ts";
import { type FunctionDefinition, functionArn, RESPONSE_LIMIT, timeLimitOf } from "./definition.ts";
import { STREAM } from "./log-file.ts";
import type { DefineMessage, FromHost, InvokeMessage, ToHost } from "./messages.ts";

/** How long the handlers' thread may stay silent after a time-out before it counts as blocked and is replaced. */
const BLOCKED_MS = 1000;
const MEMORY_MB = 128;
/** The role of a function that has none: whoever puts roles does not put this one. */
const NO_ROLE = "functions";
/** How long a function's module may take to load, beside the handler's own time. */
const LOADING_MS = 10_000;

interface Pending {
  definition: FunctionDefinition;
  settle: (invocation: Invocation) => void;
  cancelTimer: () => void;
}

export interface RuntimeOptions {
  /** Where each function's output goes, as `<function>.log`. */
  logsFolder: string;
  /** The variables that every function has: the endpoint. Asked for when the thread starts. */
  environment: () => Record<string, string>;
  /** The credentials of a function with that role, asked for whenever it is made known to the thread. */
  credentialsOf?: (name: string, role: string) => AccessKey;
}

/** The handlers' thread as the main thread sees it: started when first needed, and again after it ended. */
export class Runtime {
  readonly #parts: Parts;
  readonly #options: RuntimeOptions;
  readonly #definitions = new Map<string, FunctionDefinition & { version: number }>();
  readonly #pending = new Map<string, Pending>();
  /** The functions whose modules the thread has loaded. */
  readonly #loaded = new Set<string>();
  #worker: Worker | undefined;
  #commonVariables: Record<string, string> = {};
  #cancelBlockedCheck: (() => void) | undefined;
  #closed = false;

  constructor(parts: Parts, options: RuntimeOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  define(definition: FunctionDefinition): void {
    const version = (this.#definitions.get(definition.name)?.version ?? 0) + 1;
    const versioned = { ...definition, version };
    this.#definitions.set(definition.name, versioned);
    this.#loaded.delete(definition.name);
    if (this.#worker !== undefined) this.#send(this.#worker, this.#defineMessage(versioned));
  }

  /**
   * Runs a handler. After `close` the promise stays open, as it does for one whose process died.
   *
   * @param payload JSON text
   */
  run(definition: FunctionDefinition, requestId: string, payload: string): Promise<Invocation> {
    return new Promise((settle) => {
      if (this.#closed) return;
      const timeoutMs = timeLimitOf(definition);
      const loadingMs = this.#loaded.has(definition.name) ? 0 : LOADING_MS;
      const cancelTimer = this.#timer(requestId, definition, loadingMs + timeoutMs);
      this.#pending.set(requestId, { definition, settle, cancelTimer });
      const message: InvokeMessage = { kind: "invoke", requestId, name: definition.name, payload, timeoutMs };
      this.#send(this.#startedWorker(), message);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelBlockedCheck?.();
    for (const { cancelTimer } of this.#pending.values()) cancelTimer();
    this.#pending.clear();
    await this.#worker?.terminate();
  }

  #startedWorker(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    mkdirSync(this.#options.logsFolder, { recursive: true });
    this.#commonVariables = this.#askCommonVariables();
    // Beside this file, and of its kind: TypeScript where this runs from source, JavaScript in the published package.
    const worker = new Worker(new URL(`./host${extname(import.meta.url)}`, import.meta.url), {
      env: this.#commonVariables,
      workerData: { logsFolder: this.#options.logsFolder },
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    this.#worker = worker;
    worker.on("message", (message: FromHost) => this.#receive(message));
    worker.on("error", (error) => this.#parts.log(`The thread of the Lambda functions failed: ${error.message}`));
    worker.on("exit", (code) => this.#ended(worker, code));
    for (const definition of this.#definitions.values()) this.#send(worker, this.#defineMessage(definition));
    return worker;
  }

  #receive(message: FromHost): void {
    if (message.kind === "pong") {
      this.#cancelBlockedCheck?.();
      this.#cancelBlockedCheck = undefined;
    } else if (message.kind === "loaded") {
      this.#loaded.add(message.name);
      const pending = this.#pending.get(message.requestId);
      if (pending === undefined) return; // Timed out before.
      pending.cancelTimer();
      const { definition } = pending;
      pending.cancelTimer = this.#timer(message.requestId, definition, timeLimitOf(definition));
    } else if (message.kind === "failed") {
      this.#settle(message.requestId, { ok: false, ...message.error });
    } else {
      const size = Buffer.byteLength(message.payload);
      const tooLarge = `Response payload size (${size} bytes) exceeded maximum allowed payload size (${RESPONSE_LIMIT} bytes).`;
      this.#settle(
        message.requestId,
        size > RESPONSE_LIMIT
          ? { ok: false, errorType: "Function.ResponseSizeTooLarge", errorMessage: tooLarge }
          : { ok: true, payload: JSON.parse(message.payload) },
      );
    }
  }

  #timer(requestId: string, definition: FunctionDefinition, ms: number): () => void {
    return this.#parts.clock.after(ms, () => this.#timeOut(requestId, definition));
  }

  /** On AWS a time-out ends the function's process; here the thread is ended only if the handler blocks it. */
  #timeOut(requestId: string, definition: FunctionDefinition): void {
    const seconds = timeLimitOf(definition) / 1000;
    const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`;
    this.#settle(requestId, { ok: false, errorType: "Sandbox.Timedout", errorMessage });
    const worker = this.#worker;
    if (worker === undefined || this.#cancelBlockedCheck !== undefined) return;
    this.#send(worker, { kind: "ping" });
    this.#cancelBlockedCheck = this.#parts.clock.after(BLOCKED_MS, () => {
      this.#cancelBlockedCheck = undefined;
      this.#parts.log("A Lambda function blocked the thread of all of them; the thread is started anew.");
      void worker.terminate();
    });
  }

  #ended(worker: Worker, code: number): void {
    if (this.#closed || this.#worker !== worker) return;
    this.#worker = undefined;
    this.#loaded.clear();
    const reason =
      code === 0 ? "Runtime exited without providing a reason" : `Runtime exited with error: exit status ${code}`;
    for (const requestId of [...this.#pending.keys()]) {
      const errorMessage = `RequestId: ${requestId} Error: ${reason}`;
      this.#settle(requestId, { ok: false, errorType: "Runtime.ExitError", errorMessage });
    }
  }

  #settle(requestId: string, invocation: Invocation): void {
    const pending = this.#pending.get(requestId);
    if (pending === undefined) return; // Timed out before.
    this.#pending.delete(requestId);
    pending.cancelTimer();
    pending.settle(invocation);
  }

  #defineMessage(definition: FunctionDefinition & { version: number }): DefineMessage {
    const { name, role = NO_ROLE, version, modulePath, memorySize = MEMORY_MB } = definition;
    const key = this.#options.credentialsOf?.(name, role);
    const environment = {
      ...this.#commonVariables,
      ...(key && { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey }),
      ...(key?.sessionToken && { AWS_SESSION_TOKEN: key.sessionToken }),
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memorySize),
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      ...definition.environment,
    };
    return { kind: "define", name, arn: functionArn(name), version, modulePath, memorySize, environment };
  }

  #askCommonVariables(): Record<string, string> {
    return {
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_LAMBDA_LOG_STREAM_NAME: STREAM,
      // The files of whoever runs this must not leak into the functions.
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      ...this.#options.environment(),
    };
  }

  #send(worker: Worker, message: ToHost): void {
    worker.postMessage(message);
  }
}
