import { fakeExecutions } from "../../../functions/clients/executions.fake.ts";
import { executionsSuite } from "./executions.suite.ts";

executionsSuite(() => {
  const waiting = new Set<string>();
  const executions = fakeExecutions(waiting);
  let started = 0;
  return {
    executions,
    async startTask() {
      started += 1;
      const taskToken = `token ${started}`;
      waiting.add(taskToken);
      return {
        taskToken,
        async end() {
          const ended = executions.ended.find((one) => one.taskToken === taskToken);
          if (ended === undefined) throw new Error("the task has not ended");
          return ended.end as { output: unknown };
        },
      };
    },
  };
});
