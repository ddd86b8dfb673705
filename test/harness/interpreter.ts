import { ACCOUNT, arnOf, type Clock, type EventSink, type FunctionInvoker, StepFunctions, Store } from "embedded-aws";
import { FLOWS, stateMachineNameOf } from "../../infra/wiring.ts";
import { seededRandom } from "../functions/support.ts";
import { type Definitions, filled, type Numbers } from "./definitions.ts";

/** What is around the flows in one world. */
export interface Surroundings {
  clock: Clock;
  random: (bytes: number) => Buffer;
  log: (sentence: string) => void;
  functions: FunctionInvoker;
  events: EventSink;
  /** Called before a flow starts an execution: what it throws, an AwsError, is how the start fails. */
  beforeStart: (stateMachineArn: string) => void;
}

/**
 * Step Functions of the embedded AWS, in process and without HTTP, with all flows in it. To read the definitions takes
 * longer than to run one, so an interpreter serves one world after another.
 */
export class Interpreter {
  readonly stepFunctions: StepFunctions;
  readonly store = new Store();
  readonly #running: ReturnType<Store["db"]["prepare"]>;
  #around: Surroundings;

  private constructor(definitions: Definitions, numbers: Numbers, around: Surroundings) {
    // What the definitions are given is drawn apart: each world draws the same, the first one, too.
    this.#around = { ...around, random: seededRandom("definitions") };
    const clock: Clock = {
      now: () => this.#around.clock.now(),
      after: (ms, run) => this.#around.clock.after(ms, run),
    };
    this.stepFunctions = new StepFunctions(
      {
        ...{ store: this.store, clock },
        random: (bytes) => this.#around.random(bytes),
        log: (sentence) => this.#around.log(sentence),
      },
      {
        functions: { invoke: (name, payload) => this.#around.functions.invoke(name, payload) },
        events: { raise: (event) => this.#around.events.raise(event) },
        beforeStart: (arn) => this.#around.beforeStart(arn),
      },
    );
    this.stepFunctions.start();
    this.#running = this.store.db.prepare(
      "SELECT 1 FROM sfn_executions WHERE status = 'RUNNING' AND machineArn <> 'left' LIMIT 1",
    );
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/flows`;
    for (const { name, type } of FLOWS) {
      const definition = filled(name, definitions[name], numbers);
      this.ask("CreateStateMachine", { name: stateMachineNameOf(name), type, definition, roleArn });
    }
  }

  /** One with these definitions, which knows of no former execution. */
  static take(definitions: Definitions, numbers: Numbers, around: Surroundings): Interpreter {
    const known = made.get(definitions) ?? new Map<string, Interpreter>();
    made.set(definitions, known);
    const key = JSON.stringify(numbers);
    const interpreter = known.get(key) ?? new Interpreter(definitions, numbers, around);
    known.set(key, interpreter);
    interpreter.#around = around;
    interpreter.store.db.exec("DELETE FROM sfn_history; DELETE FROM sfn_executions WHERE status <> 'RUNNING';");
    // What a former world left unfinished is out of the way of this one's.
    interpreter.store.db.exec(
      "UPDATE sfn_executions SET arn = 'left:' || id, machineArn = 'left' WHERE status = 'RUNNING'",
    );
    return interpreter;
  }

  /** Whether an execution of this world, or one that runs an item of a Map, is not at its end. */
  get areRunning(): boolean {
    return this.#running.get() !== undefined;
  }

  ask(operation: string, input: object): unknown {
    return this.stepFunctions.service.operations[operation]?.(input as never, CONTEXT);
  }
}

const made = new WeakMap<Definitions, Map<string, Interpreter>>();

const CONTEXT = {
  principal: { kind: "operator", arn: arnOf("iam", "user/operator"), userId: "AIDAOPERATOR" },
  requestId: "harness",
} as const;
