import { AwsError, type Operation } from "../../http/service.ts";
import type { TaskState } from "../definition/machine.ts";
import type { Engine } from "../engine.ts";
import type { Branch, Execution } from "../execution.ts";
import { isTooLong, type Json, readJson } from "../json.ts";
import { invalidToken, validation } from "../refusals.ts";
import { type Run, runOf } from "../run.ts";
import { failTask, succeed } from "../tasks/answer.ts";
import { readToken, waitsFor } from "../tasks/token.ts";
import { givenFailure, requireText } from "./check.ts";

type Input = Record<string, unknown>;

/** SendTaskSuccess and SendTaskFailure: what holders of a task's token say. */
export function tokenOperations(engine: Engine): Record<string, Operation> {
  /** Lets a step happen in the execution whose Task waits for the token. */
  const withTask = async (value: unknown, work: (run: Run<TaskState>) => Promise<void> | void): Promise<object> => {
    const token = requireText(value, "taskToken");
    const place = readToken(token);
    if (place === undefined) throw invalidToken();
    const execution = engine.find(place.execution);
    if (execution === undefined) throw taskTimedOut();
    let waiting = false;
    await engine.step(execution, async () => {
      const branch = execution.branches.get(place.branch);
      if (branch === undefined || !waitsFor(branch, token)) return;
      waiting = true;
      await work(taskOf(engine, execution, branch));
    });
    if (!waiting) throw taskTimedOut();
    return {};
  };

  return {
    SendTaskSuccess(input: Input) {
      const output = requireOutput(input.output);
      return withTask(input.taskToken, (run) => succeed(run, output));
    },
    SendTaskFailure(input: Input) {
      const failure = givenFailure(input);
      return withTask(input.taskToken, (run) => failTask(run, failure));
    },
  };
}

function taskOf(engine: Engine, execution: Execution, branch: Branch): Run<TaskState> {
  return runOf(engine, execution, branch) as Run<TaskState>;
}

function taskTimedOut(): AwsError {
  return new AwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
}

function requireOutput(value: unknown): Json {
  const text = value === "" ? value : requireText(value, "output");
  if (isTooLong(text)) throw validation("Value at 'output' failed to satisfy constraint: it is longer than 262144");
  try {
    return readJson(text);
  } catch (error) {
    throw new AwsError("InvalidOutput", `Invalid Output: '${(error as Error).message}'`);
  }
}
