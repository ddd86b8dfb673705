import type { Branch, Execution, Visit } from "./execution.ts";
import type { Scope } from "./expressions.ts";
import type { Json, JsonObject } from "./json.ts";

/** What an expression can see besides the state's input. */
export interface Extras {
  result?: Json;
  errorOutput?: JsonObject;
  token?: string;
}

/** What the expressions of a state see. Everything is made only when it is asked for. */
export function scopeOf(execution: Execution, branch: Branch, visit: Visit, extras: Extras = {}): Scope {
  const states = {
    get input(): Json {
      return JSON.parse(visit.input) as Json;
    },
    get context(): JsonObject {
      return contextOf(execution, branch, visit, extras.token);
    },
    ...(extras.result === undefined ? {} : { result: extras.result }),
    ...(extras.errorOutput === undefined ? {} : { errorOutput: extras.errorOutput }),
  };
  return { states, variable: (name) => variableOf(execution, branch, name) };
}

/** The innermost variable of that name: branches and iterations also see those of the states around them. */
function variableOf(execution: Execution, branch: Branch, name: string): Json | undefined {
  for (let scope: Branch | undefined = branch; scope !== undefined; scope = parentOf(execution, scope)) {
    const text = Object.hasOwn(scope.variables, name) ? scope.variables[name] : undefined;
    if (text !== undefined) return JSON.parse(text) as Json;
  }
  return undefined;
}

export function parentOf(execution: Execution, branch: Branch): Branch | undefined {
  return branch.parent === undefined ? undefined : execution.branches.get(branch.parent);
}

/** The context object, `$states.context`. */
function contextOf(execution: Execution, branch: Branch, visit: Visit, token: string | undefined): JsonObject {
  const { record } = execution;
  const item = itemOf(execution, branch);
  return {
    Execution: {
      Id: record.arn,
      Input: JSON.parse(record.input) as Json,
      Name: record.name,
      RoleArn: record.roleArn,
      StartTime: new Date(record.started).toISOString(),
      RedriveCount: 0,
    },
    StateMachine: { Id: record.machineArn, Name: record.machineArn.split(":").at(-1) ?? "" },
    State: {
      Name: visit.state,
      EnteredTime: new Date(visit.entered).toISOString(),
      RetryCount: visit.retries.reduce((sum, count) => sum + count, 0),
    },
    ...(token === undefined ? {} : { Task: { Token: token } }),
    ...(item === undefined ? {} : { Map: { Item: item } }),
  };
}

function itemOf(execution: Execution, branch: Branch): Json | undefined {
  for (let scope: Branch | undefined = branch; scope !== undefined; scope = parentOf(execution, scope)) {
    if (scope.item !== undefined) return { Index: scope.index, Value: scope.item };
  }
  return execution.record.item === null ? undefined : (JSON.parse(execution.record.item) as Json);
}
