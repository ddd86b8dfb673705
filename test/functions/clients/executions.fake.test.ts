import { fakeExecutions } from "../../../functions/clients/executions.fake.ts";
import { executionsSuite } from "./executions.suite.ts";

executionsSuite(() => {
  const waiting = new Set<string>();
  const lastStarts: { "fleet-rotation"?: number } = {};
  const executions = fakeExecutions(waiting, lastStarts);
  let tasks = 0;
  const find = (name: string) => {
    const found = executions.started.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no execution ${name} was started`);
    return found;
  };
  return {
    executions,
    async startTask() {
      tasks += 1;
      const taskToken = `token ${tasks}`;
      waiting.add(taskToken);
      lastStarts["fleet-rotation"] = Date.now();
      return {
        taskToken,
        async end() {
          const ended = executions.ended.find((one) => one.taskToken === taskToken);
          if (ended === undefined) throw new Error("the task has not ended");
          return ended.end as { output: unknown };
        },
      };
    },
    inputOf: async (name) => find(name).input,
    end: async (name, failure) =>
      void Object.assign(find(name), { ended: true, ...(failure && { end: { status: "FAILED", ...failure } }) }),
  };
});
