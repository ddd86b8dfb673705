import { resolve } from "node:path";
import { AwsError, type Question, type RawService } from "../http/service.ts";
import { type CompiledStatement, compileStatements } from "../iam/statement.ts";
import type { FunctionInvoker, Invocation, Parts } from "../parts.ts";
import { ACCOUNT } from "../place.ts";
import { uuid } from "../uuid.ts";
import { AsynchronousInvocations, type DeadLetter } from "./asynchronous.ts";
import {
  EVENT_LIMIT,
  type FunctionDefinition,
  functionArn,
  functionName,
  policyOf,
  qualifiedArn,
  REQUEST_LIMIT,
} from "./definition.ts";
import { handleFunctionUrl } from "./function-url.ts";
import { handleInvoke, INVOCATIONS } from "./invoke-api.ts";
import { Runtime, type RuntimeOptions } from "./runtime.ts";

export type { DeadLetter } from "./asynchronous.ts";
export type { FunctionDefinition, FunctionPermission } from "./definition.ts";

/** AWS tries an asynchronous invocation again after one minute and after two more. */
const RETRY_DELAYS_MS = [60_000, 120_000];

/** Lambda: runs the handlers, for the other services and through its HTTP API and the functions' URLs. */
export class LambdaFunctions implements FunctionInvoker {
  readonly service: RawService;
  readonly #parts: Parts;
  readonly #runtime: Runtime;
  readonly #asynchronous: AsynchronousInvocations;
  readonly #definitions = new Map<string, FunctionDefinition>();
  readonly #policies = new Map<string, readonly CompiledStatement[]>();

  /** @param options.retryDelaysMs waits before the second and further tries of an asynchronous invocation */
  constructor(parts: Parts, options: RuntimeOptions & { retryDelaysMs?: readonly number[] }) {
    this.#parts = parts;
    this.#runtime = new Runtime(parts, options);
    this.#asynchronous = new AsynchronousInvocations(parts, {
      retryDelaysMs: options.retryDelaysMs ?? RETRY_DELAYS_MS,
      find: (name) => this.#definitions.get(name),
      run: (definition, requestId, payload) => this.#runtime.run(definition, requestId, payload),
    });
    this.service = {
      signingName: "lambda",
      handle: (request, context) =>
        request.url.startsWith("/_function-url/")
          ? handleFunctionUrl(this, request, context, parts.clock.now())
          : handleInvoke(this, request, context, parts.log),
      needs: async (operation, { url }) => {
        if (operation === "InvokeFunctionUrl") return this.#toInvokeUrl(url);
        const [, name = ""] = INVOCATIONS.exec(url) ?? [];
        return operation === "Invoke" ? [this.toInvoke(decodeURIComponent(name))] : undefined;
      },
    };
  }

  /** Begins with the asynchronous invocations that a former process left; the functions are defined before. */
  start(): void {
    this.#asynchronous.start();
  }

  /** What somebody needs to invoke a function; on whose behalf, where a service does. */
  toInvoke(nameOrArn: string, sourceArn?: string): Question {
    const resource = qualifiedArn(nameOrArn);
    const behalf = sourceArn && { "aws:SourceArn": sourceArn, "aws:SourceAccount": ACCOUNT };
    const context = { "lambda:InvokedViaFunctionUrl": "false", ...behalf };
    return { action: "lambda:InvokeFunction", resource, context, policy: this.#policyOf(nameOrArn) };
  }

  /** Since October 2025 both rights are needed, of which the second may be given for the URL alone. */
  #toInvokeUrl(url: string): Question[] {
    const name = url.split("/")[2]?.split("?")[0] ?? "";
    const about = { resource: functionArn(name), policy: this.#policyOf(name) };
    const context = { "lambda:FunctionUrlAuthType": "AWS_IAM", "lambda:InvokedViaFunctionUrl": "true" };
    return ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"].map((action) => ({ action, ...about, context }));
  }

  #policyOf(nameOrArn: string): readonly CompiledStatement[] {
    return this.#policies.get(functionName(nameOrArn)) ?? [];
  }

  /** Makes a function known, or replaces it. */
  define(given: FunctionDefinition): void {
    const definition = { ...given, modulePath: resolve(given.modulePath) };
    const { name, permissions = [] } = given;
    const policy = policyOf(functionArn(name), permissions);
    this.#policies.set(name, compileStatements(policy, "resource", `the permissions of the function ${name}`));
    this.#definitions.set(definition.name, definition);
    this.#runtime.define(definition);
  }

  list(): FunctionDefinition[] {
    return [...this.#definitions.values()];
  }

  has(nameOrArn: string): boolean {
    return this.#definitions.has(functionName(nameOrArn));
  }

  /** @throws AwsError ResourceNotFoundException, RequestTooLargeException */
  async invoke(nameOrArn: string, payload: unknown, requestId = uuid(this.#parts.random)): Promise<Invocation> {
    const definition = this.#definition(nameOrArn);
    const text = JSON.stringify(payload) ?? "null";
    refuseLarge(text, REQUEST_LIMIT, "RequestResponse");
    return this.#runtime.run(definition, requestId, text);
  }

  /**
   * Takes an event for a function and returns; the event is in the store then (with the transaction that is open, if
   * one is), and is delivered at least once.
   *
   * @throws AwsError ResourceNotFoundException, RequestTooLargeException
   */
  invokeAsync(nameOrArn: string, payload: unknown, requestId = uuid(this.#parts.random)): void {
    const { name } = this.#definition(nameOrArn);
    const text = JSON.stringify(payload) ?? "null";
    refuseLarge(text, EVENT_LIMIT, "Event");
    this.#asynchronous.add({ name, requestId, payload: text });
  }

  /** The asynchronous invocations that failed for good, oldest first. */
  deadLetters(): DeadLetter[] {
    return this.#asynchronous.deadLetters();
  }

  async close(): Promise<void> {
    this.#asynchronous.close();
    await this.#runtime.close();
  }

  #definition(nameOrArn: string): FunctionDefinition {
    const name = functionName(nameOrArn);
    const definition = this.#definitions.get(name);
    if (definition === undefined) {
      throw new AwsError("ResourceNotFoundException", `Function not found: ${functionArn(name)}`, 404);
    }
    return definition;
  }
}

function refuseLarge(text: string, limit: number, type: string): void {
  const size = Buffer.byteLength(text);
  if (size <= limit) return;
  const message = `${size} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`;
  throw new AwsError("RequestTooLargeException", message, 413);
}
