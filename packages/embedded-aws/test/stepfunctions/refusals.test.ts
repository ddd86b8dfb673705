import { CreateStateMachineCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lambda, openWorld, ROLE, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const pass = { Type: "Pass", End: true };
const task = { Type: "Task", Resource: lambda("f"), End: true };
const processor = (more: object = {}) => ({ StartAt: "I", States: { I: pass }, ...more });
const map = (more: object) => ({ Type: "Map", ItemProcessor: processor(), End: true, ...more });
const choice = (...rules: object[]) => ({ Type: "Choice", Choices: rules, Default: "B" });

async function refusal(definition: object | string, type: "STANDARD" | "EXPRESS" = "STANDARD"): Promise<string> {
  const text = typeof definition === "string" ? definition : JSON.stringify(definition);
  try {
    await world.client.send(new CreateStateMachineCommand({ name: "refused", type, roleArn: ROLE, definition: text }));
  } catch (error) {
    if (error instanceof Error && error.name === "InvalidDefinition") return error.message;
    throw error;
  }
  throw new Error(`This definition was accepted: ${text}`);
}

const one = (state: object) => ({ QueryLanguage: "JSONata", StartAt: "A", States: { A: state } });
const two = (state: object) => ({ QueryLanguage: "JSONata", StartAt: "A", States: { A: state, B: pass } });
const bad = (message: string, at = "/States/A") => `SCHEMA_VALIDATION_FAILED: ${message} at ${at}`;

test.each<[object | string, string]>([
  ["{", "INVALID_JSON_DESCRIPTION"],
  ["[]", "INVALID_JSON_DESCRIPTION"],
  [{ QueryLanguage: "JSONata" }, bad("These fields are required: [StartAt, States]", "/")],
  [{ ...one(pass), Extra: 1 }, bad("Field 'Extra' is not supported", "/")],
  [{ StartAt: "A", States: { A: pass } }, "this state is JSONPath at /States/A"],
  [one({ ...pass, QueryLanguage: "JSONPath" }), "'QueryLanguage' can not be 'JSONPath'"],
  [{ ...one(pass), StartAt: "X" }, "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /StartAt"],
  [one({ Type: "Pass", Next: "X" }), "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/A"],
  [one({ Type: "Pass", Next: "A" }), "MISSING_END_STATE: No terminal state at /"],
  [two(pass), 'UNREACHABLE_STATE: State "B" is not reachable. at /States/B'],
  [one({ Type: "Pass" }), bad("These fields are required: [Next, End]")],
  [one({ Type: "Nap", End: true }), "Unknown type 'Nap' at /States/A"],
  [one({ ...pass, Result: 1 }), bad("Field 'Result' is not supported")],
  [one({ ...pass, InputPath: "$" }), bad("Field 'InputPath' is not supported")],
  [one({ ...pass, TimeoutSeconds: 1 }), bad("Field 'TimeoutSeconds' is not supported")],
  [two({ ...pass, End: undefined, Next: "B", Catch: [] }), bad("Field 'Catch' is not supported")],
  [
    one({ ...pass, Output: "{% 1 + %}" }),
    "INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/A/Output",
  ],
  [one({ ...pass, Output: { a: ["{% b.c %}"] } }), "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'b' at the top level"],
  [one({ ...pass, Output: "{% $exists($$) %}" }), "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$$'"],
  [
    one({ ...pass, Output: "{% $a ?? 1 %}" }),
    'INVALID_JSONATA_EXPRESSION: The symbol "?" cannot be used as a unary operator',
  ],
  [one({ ...pass, Output: "{% $a.b ?: 1 %}" }), 'The symbol ":" cannot be used as a unary operator'],
  [one({ ...pass, Output: "{% $ %}" }), "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$'"],
  [one({ ...pass, Output: "{% $states.errorOutput %}" }), "UNSUPPORTED_JSONATA_EXPRESSION"],
  [one({ ...pass, Output: "{% 1 %} " }), "must start with '{%' and end with '%}' at /States/A/Output"],
  [one({ ...pass, Assign: { states: 1 } }), "The variable name 'states' is reserved"],
  [one({ ...pass, Assign: { "a-b": 1 } }), "The variable name 'a-b' is not valid"],
  [one({ ...task, Resource: "arn:aws:states:us-east-1:000000000000:activity:a" }), "is not recognized."],
  [one({ ...task, Resource: "arn:aws:states:::sqs:sendMessage" }), "is not recognized."],
  [
    one({ ...task, Resource: "arn:aws:states:::lambda:invoke.sync", Arguments: { FunctionName: "f" } }),
    "is not recognized.",
  ],
  [
    one({ ...task, Resource: "arn:aws:states:::lambda:invoke" }),
    "The field 'FunctionName' is required but was missing",
  ],
  [
    one({ ...task, Resource: "arn:aws:states:::lambda:invoke", Arguments: { FunctionName: "f", Qualifier: "1" } }),
    "The field 'Qualifier' is not supported by Step Functions",
  ],
  [one({ ...task, TimeoutSeconds: "5" }), bad("Expected value of type Integer", "/States/A/TimeoutSeconds")],
  [one({ ...task, TimeoutSeconds: 5, HeartbeatSeconds: 5 }), "HeartbeatSeconds must be smaller than TimeoutSeconds"],
  [one({ ...task, Retry: [{ ErrorEquals: [] }] }), bad("Value cannot be empty", "/States/A/Retry[0]/ErrorEquals")],
  [one({ ...task, Retry: [{}] }), "These fields are required: [ErrorEquals]"],
  [one({ ...task, Retry: [{ ErrorEquals: ["States.ALL"] }, { ErrorEquals: ["E"] }] }), "States.ALL must appear alone"],
  [one({ ...task, Retry: [{ ErrorEquals: ["E"], BackoffRate: 0.5 }] }), "Value is not in the range"],
  [one({ ...task, Retry: [{ ErrorEquals: ["E"], JitterStrategy: "SOME" }] }), "JitterStrategy must be one of"],
  [one({ ...task, Catch: [{ ErrorEquals: ["E"] }] }), "These fields are required: [Next]"],
  [
    one({ ...task, Catch: [{ ErrorEquals: ["E"], Next: "A", ResultPath: "$" }] }),
    "Field 'ResultPath' is not supported",
  ],
  [one({ Type: "Wait", End: true }), "Exactly one of [Seconds, Timestamp] is required"],
  [one({ Type: "Wait", Seconds: 1, Timestamp: "2026-01-01T00:00:00Z", End: true }), "Exactly one of"],
  [one({ Type: "Wait", Timestamp: "2026-02-30T00:00:00Z", End: true }), "at /States/A/Timestamp"],
  [two(choice()), bad("Value cannot be empty", "/States/A/Choices")],
  [two(choice({ Variable: "$.a", IsNull: true, Next: "B" })), "Field 'Variable' is not supported"],
  [two(choice({ Condition: "yes", Next: "B" })), "Expected a Boolean or a JSONata expression"],
  [one({ Type: "Parallel", Branches: [], End: true }), bad("Value cannot be empty", "/States/A/Branches")],
  [
    one({ Type: "Parallel", Branches: [{ StartAt: "X", States: { X: {} } }], End: true }),
    "at /States/A/Branches[0]/States/X",
  ],
  [
    one(map({ ItemProcessor: { StartAt: "A", States: { A: pass } } })),
    "DUPLICATE_STATE_NAME: Duplicate State name: A at",
  ],
  [one(map({ ItemReader: {} })), "Field 'ItemReader' is not supported"],
  [one(map({ ItemBatcher: {} })), "Field 'ItemBatcher' is not supported"],
  [one(map({ ResultWriter: {} })), "Field 'ResultWriter' is not supported"],
  [one(map({ ItemsPath: "$" })), "Field 'ItemsPath' is not supported"],
  [one(map({ Items: { a: 1 } })), "objects are not supported here"],
  [one(map({ ItemProcessor: processor({ QueryLanguage: "JSONata" }) })), "Field 'QueryLanguage' is not supported"],
  [
    one(map({ ItemProcessor: processor({ ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" } }) })),
    "Only the ExecutionType 'STANDARD' is supported here",
  ],
])("%j is refused", async (definition, message) => {
  expect(await refusal(definition)).toMatch(new RegExp(message.replace(/[[\](){}$.+?^*]/g, "\\$&")));
});

test.each([
  { ...task, Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken", Arguments: { FunctionName: "f" } },
  { ...task, Resource: "arn:aws:states:::states:startExecution.sync:2", Arguments: { StateMachineArn: "m" } },
  map({ ItemProcessor: processor({ ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } }) }),
])("an Express machine with %j is refused", async (state) => {
  expect(await refusal(one(state), "EXPRESS")).toContain("Express state machine does not support");
});

test("states inside of others inherit the machine's QueryLanguage and not their neighbour's", async () => {
  const outer = { ...map({}), QueryLanguage: "JSONata" };
  expect(await refusal({ StartAt: "A", States: { A: outer } })).toContain("/States/A/ItemProcessor/States/I");
});

test("everything that is wrong is told at once", async () => {
  const text = await refusal(one({ ...pass, Result: 1, Output: "{% ( %}" }));
  expect(text).toMatch(
    /^Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: .*, INVALID_JSONATA_EXPRESSION: .*'$/,
  );
});
