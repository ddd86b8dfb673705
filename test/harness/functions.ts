import type { FunctionInvoker, Invocation } from "embedded-aws";
import type { StepContract } from "../../functions/shared/contract.ts";
import { INVALID_INPUT, StepError, TEMPORARILY_UNAVAILABLE } from "../../functions/shared/errors.ts";
import { checkInput } from "../../functions/shared/input.ts";
import { nameError } from "../../functions/shared/name-error.ts";
import type { Given, Neighbours } from "../../functions/shared/neighbours.ts";
import { functionNameOf, modulePathOf, STEPS } from "../../functions/steps.ts";
import { type Calls, Died } from "./calls.ts";
import type { HandClock } from "./clock.ts";

/** A step as it is called: what comes in, and all that it is given besides. */
export type RunStep = (input: never, neighbours: never) => Promise<unknown>;

/** The steps themselves, by the names of their functions. A step's file exports the step and nothing else. */
const steps = new Map<string, { contract: StepContract; run: RunStep }>();
for (const contract of STEPS) {
  const file = modulePathOf(contract).replace(/lambda\.ts$/, "step.ts");
  const exported = Object.values<unknown>(await import(new URL(`../../${file}`, import.meta.url).href));
  const run = exported.find((one): one is RunStep => typeof one === "function");
  if (run === undefined) throw new Error(`${file} exports no step.`);
  steps.set(functionNameOf(contract), { contract, run });
}

/** What a function does instead of its step: it fails, answers something made up, or never answers. */
export type Instead = { error: string } | { output: unknown } | "hangs";

/** No scenario needs so many: whoever comes here goes round in circles. */
const MOST_INVOCATIONS = 1500;

interface FunctionParts {
  clock: HandClock;
  calls: Calls;
  /** All that steps may be given. */
  neighbours: (caller: string) => Neighbours & Given;
  /** Ends a task by its token, as a step with the right to do so might. */
  endTask: (taskToken: string, end: { error: string; cause: string }) => Promise<unknown>;
  /** From how many invocations on it counts as going round in circles. */
  most?: number | undefined;
  /** Something happened that must not: a sentence. */
  broken: (sentence: string) => void;
}

/** Lambda, with the real steps on neighbours that the world hands in. */
export class Functions implements FunctionInvoker {
  /** `rotation/verify-hash`, in the order of the invocations. */
  readonly invoked: string[] = [];
  /** `rotation/verify-hash Retired`: what steps raised by themselves, or ended a waiting task with. */
  readonly raised: string[] = [];
  /** How waiting tasks are ended by somebody, a second after their function ran: by step. */
  readonly tokenEnds = new Map<string, string[]>();
  /** Steps that are replaced, by `rotation/verify-hash`: what is given is the step itself. */
  readonly replaced = new Map<string, (step: RunStep) => RunStep>();
  readonly #instead = new Map<string, Instead[]>();
  readonly #parts: FunctionParts;

  constructor(parts: FunctionParts) {
    this.#parts = parts;
  }

  /** Has a function do something else, the next so many times. */
  next(step: string, instead: Instead, times = 1): void {
    const waiting = this.#instead.get(step) ?? [];
    this.#instead.set(step, [...waiting, ...Array.from({ length: times }, () => instead)]);
  }

  get areRunaway(): boolean {
    return this.invoked.length > (this.#parts.most ?? MOST_INVOCATIONS);
  }

  async invoke(functionName: string, payload: unknown): Promise<Invocation> {
    const step = steps.get(functionName);
    if (step === undefined) throw new Error(`There is no function ${functionName}.`);
    const { calls, clock } = this.#parts;
    const { contract } = step;
    const caller = `${contract.flow}/${contract.name}`;
    this.invoked.push(caller);
    if (this.areRunaway) return new Promise(() => undefined);
    if (calls.away === "blackout") return failed("Lambda.ServiceException", "Lambda is away.");
    const instead = this.#instead.get(caller)?.shift();
    // A lost invocation: not even Lambda's own limit ends it.
    if (instead === "hangs") return new Promise(() => undefined);
    if (instead && "error" in instead) return failed(instead.error, "made to fail by the harness");
    if (instead) return { ok: true, payload: instead.output };
    const run = this.replaced.get(caller)?.(step.run) ?? step.run;
    return new Promise((resolve) => {
      const late = () => resolve(failed("Sandbox.Timedout", `Task timed out after ${contract.timeoutSeconds} seconds`));
      const cancel = clock.after(contract.timeoutSeconds * 1000, late);
      void this.#attempt(contract, run, payload, caller).then((answer) => {
        cancel();
        if (answer.ok) this.#endToken(caller, payload);
        resolve(answer);
      });
    });
  }

  /** What the Lambda handler does with an event, without Lambda's own. */
  async #attempt(contract: StepContract, run: RunStep, event: unknown, caller: string): Promise<Invocation> {
    const { neighbours, broken } = this.#parts;
    try {
      const input = checkInput(contract.input, JSON.parse(JSON.stringify(event)));
      if (!input.ok) throw new StepError(INVALID_INPUT, `${contract.name}: ${input.field} ${input.problem}`);
      const all = neighbours(caller);
      // What its contract does not name, a step does not have here either.
      const given = Object.fromEntries([...contract.neighbours, ...contract.given].map((name) => [name, all[name]]));
      const output = contract.output.parse(await run(input.value as never, given as never));
      return { ok: true, payload: JSON.parse(JSON.stringify(output)) };
    } catch (error) {
      if (error instanceof Died) return failed("Lambda.Unknown", "The function's process ended.");
      const { name, message } = nameError(error);
      this.raised.push(`${caller} ${name}`);
      const declared = [...contract.errors, INVALID_INPUT, TEMPORARILY_UNAVAILABLE];
      if (!declared.includes(name)) broken(`${caller} raised ${name}, which its contract does not declare: ${message}`);
      return failed(name, message);
    }
  }

  #endToken(caller: string, payload: unknown): void {
    const error = this.tokenEnds.get(caller)?.shift();
    const { taskToken } = payload as { taskToken?: string };
    if (error === undefined || taskToken === undefined) return;
    const { clock, endTask } = this.#parts;
    clock.after(1000, () => void endTask(taskToken, { error, cause: "ended by the harness" }));
  }
}

function failed(errorType: string, errorMessage: string): Invocation {
  return { ok: false, errorType, errorMessage };
}
