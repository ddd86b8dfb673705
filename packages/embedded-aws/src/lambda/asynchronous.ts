import type { Invocation, Parts } from "../parts.ts";
import { RetryQueue } from "../retry-queue.ts";
import { type FunctionDefinition, functionArn } from "./definition.ts";

/** An asynchronous invocation that failed for good, as AWS would send it to the function's destination. */
export interface DeadLetter {
  destination: string | undefined;
  record: {
    version: "1.0";
    timestamp: string;
    requestContext: { requestId: string; functionArn: string; condition: string; approximateInvokeCount: number };
    requestPayload: unknown;
    responseContext: { statusCode: number; executedVersion: string; functionError: string };
    responsePayload: { errorType: string; errorMessage: string; trace?: string[] };
  };
}

interface QueuedEvent {
  name: string;
  requestId: string;
  payload: string;
}

/** Asynchronous invocations: kept until they succeeded, tried again after each of the delays, then a dead letter. */
export class AsynchronousInvocations {
  readonly #parts: Parts;
  readonly #retryDelaysMs: readonly number[];
  readonly #find: (name: string) => FunctionDefinition | undefined;
  readonly #run: (definition: FunctionDefinition, requestId: string, payload: string) => Promise<Invocation>;
  readonly #queue: RetryQueue<QueuedEvent>;

  constructor(
    parts: Parts,
    options: {
      retryDelaysMs: readonly number[];
      find: (name: string) => FunctionDefinition | undefined;
      run: (definition: FunctionDefinition, requestId: string, payload: string) => Promise<Invocation>;
    },
  ) {
    this.#parts = parts;
    this.#retryDelaysMs = options.retryDelaysMs;
    this.#find = options.find;
    this.#run = options.run;
    parts.store.db.exec("CREATE TABLE IF NOT EXISTS lambda_dead_letters (body TEXT NOT NULL) STRICT");
    this.#queue = new RetryQueue(parts, "lambda_async", (item) => this.#try(item.id, item.attempts, item.body));
  }

  start(): void {
    this.#queue.start();
  }

  add(event: QueuedEvent): void {
    this.#queue.add(event);
  }

  close(): void {
    this.#queue.close();
  }

  deadLetters(): DeadLetter[] {
    const rows = this.#parts.store.db.prepare("SELECT body FROM lambda_dead_letters ORDER BY rowid").all();
    return rows.map((row) => JSON.parse(row.body as string) as DeadLetter);
  }

  async #try(id: number, attempts: number, event: QueuedEvent): Promise<void> {
    const definition = this.#find(event.name);
    const outcome: Invocation =
      definition === undefined
        ? { ok: false, errorType: "ResourceNotFoundException", errorMessage: `Function not found: ${event.name}` }
        : await this.#run(definition, event.requestId, event.payload);
    if (outcome.ok) {
      this.#queue.remove(id);
      return;
    }
    const delay = definition === undefined ? undefined : this.#retryDelaysMs[attempts];
    if (delay !== undefined) {
      this.#queue.retry(id, delay);
      return;
    }
    const { ok, ...error } = outcome;
    this.#parts.store.transaction(() => {
      this.#keep(this.#deadLetter(definition?.onFailure, event, attempts + 1, error));
      this.#queue.remove(id);
    });
    this.#parts.log(`An asynchronous invocation of ${event.name} failed for good: ${error.errorType}.`);
  }

  #keep(letter: DeadLetter): void {
    this.#parts.store.db.prepare("INSERT INTO lambda_dead_letters (body) VALUES (?)").run(JSON.stringify(letter));
  }

  #deadLetter(
    destination: string | undefined,
    event: QueuedEvent,
    approximateInvokeCount: number,
    responsePayload: DeadLetter["record"]["responsePayload"],
  ): DeadLetter {
    return {
      destination,
      record: {
        version: "1.0",
        timestamp: new Date(this.#parts.clock.now()).toISOString(),
        requestContext: {
          requestId: event.requestId,
          functionArn: `${functionArn(event.name)}:$LATEST`,
          condition: "RetriesExhausted",
          approximateInvokeCount,
        },
        requestPayload: JSON.parse(event.payload),
        responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
        responsePayload,
      },
    };
  }
}
