import type { FunctionInvoker, Invocation } from "embedded-aws";
import type { StepContract } from "../../functions/shared/contract.ts";
import { INVALID_INPUT, StepError } from "../../functions/shared/errors.ts";
import { checkInput } from "../../functions/shared/input.ts";
import { nameError } from "../../functions/shared/name-error.ts";
import { functionNameOf, modulePathOf, STEPS } from "../../functions/steps.ts";
import { type Calls, Died } from "./calls.ts";
import type { HandClock } from "./clock.ts";

type Step = (input: unknown, neighbours: unknown) => Promise<unknown>;

/** The steps themselves, by the names of their functions. A step's file exports the step and nothing else. */
const steps = new Map<string, { contract: StepContract; run: Step }>();
for (const contract of STEPS) {
  const file = modulePathOf(contract).replace(/lambda\.ts$/, "step.ts");
  const [run] = Object.values<Step>(await import(new URL(`../../${file}`, import.meta.url).href));
  if (run === undefined) throw new Error(`${file} exports no step.`);
  steps.set(functionNameOf(contract), { contract, run });
}

/** What a function does instead of its step, the next time it is invoked. */
export type Instead = { error: string } | { output: unknown } | "hangs";

/** No scenario needs so many: whoever comes here goes round in circles. */
const MOST_INVOCATIONS = 1500;

interface FunctionParts {
  clock: HandClock;
  calls: Calls;
  /** What a step is given besides its input. */
  neighbours: (caller: string) => unknown;
}

/** Lambda, with the real steps on neighbours that the world hands in. */
export class Functions implements FunctionInvoker {
  /** `rotation/verify-hash`, in the order of the invocations. */
  readonly invoked: string[] = [];
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
    return this.invoked.length > MOST_INVOCATIONS;
  }

  async invoke(functionName: string, payload: unknown): Promise<Invocation> {
    const step = steps.get(functionName);
    if (step === undefined) throw new Error(`There is no function ${functionName}.`);
    const { calls, neighbours, clock } = this.#parts;
    const { contract, run } = step;
    const caller = `${contract.flow}/${contract.name}`;
    this.invoked.push(caller);
    if (this.areRunaway) return new Promise(() => undefined);
    if (calls.away === "blackout") return failed("Lambda.ServiceException", "Lambda is away.");
    const instead = this.#instead.get(caller)?.shift();
    if (typeof instead === "object" && "error" in instead) return failed(instead.error, "made to fail by the harness");
    if (typeof instead === "object") return { ok: true, payload: instead.output };
    const work =
      instead === "hangs" ? new Promise<never>(() => undefined) : attempt(contract, run, payload, neighbours(caller));
    return new Promise((resolve) => {
      const late = () => resolve(failed("Sandbox.Timedout", `Task timed out after ${contract.timeoutSeconds} seconds`));
      const cancel = clock.after(contract.timeoutSeconds * 1000, late);
      void work.then((answer) => {
        cancel();
        resolve(answer);
      });
    });
  }
}

/** What the Lambda handler does with an event, without Lambda's own. */
async function attempt(contract: StepContract, run: Step, event: unknown, neighbours: unknown): Promise<Invocation> {
  try {
    const input = checkInput(contract.input, JSON.parse(JSON.stringify(event)));
    if (!input.ok) throw new StepError(INVALID_INPUT, `${contract.name}: ${input.field} ${input.problem}`);
    const output = contract.output.parse(await run(input.value, neighbours));
    return { ok: true, payload: JSON.parse(JSON.stringify(output)) };
  } catch (error) {
    if (error instanceof Died) return failed("Lambda.Unknown", "The function's process ended.");
    const { name, message } = nameError(error);
    return failed(name, message);
  }
}

function failed(errorType: string, errorMessage: string): Invocation {
  return { ok: false, errorType, errorMessage };
}
