import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { AUTHORITY_ERRORS } from "../../functions/clients/authority.ts";
import { CREDENTIAL_ERRORS } from "../../functions/credential/errors.ts";
import { contract as verifyHash } from "../../functions/rotation/verify-hash/contract.ts";
import type { StepContract } from "../../functions/shared/contract.ts";
import { INVALID_INPUT, TEMPORARILY_UNAVAILABLE } from "../../functions/shared/errors.ts";
import { placeholderOf, STEPS } from "../../functions/steps.ts";
import { ADVICE } from "../../functions/telling/advice.ts";
import { REFUSALS } from "../../protocol/index.ts";
import { FLOW_FILES, PLATFORM, type Scope, type State, scopesOf, substituted, tasksOf } from "./definitions.ts";
import { assignedIn, assignedTwice, unassigned, variablesIn } from "./variables.ts";

const validate: (definition: unknown) => { isValid: boolean; errorsText(): string } = createRequire(import.meta.url)(
  "asl-validator",
);

const steps: readonly StepContract[] = STEPS;
const tasks = FLOW_FILES.flatMap((flow) => tasksOf(flow).map((task) => ({ flow: flow.name, ...task })));
const calls = tasks.flatMap(({ step, ...call }) =>
  step ? [{ ...call, step, name: `${call.flow} ${call.state}` }] : [],
);

/** Steps that something else than a flow starts: the function URL, an event, or Secrets Manager. */
const CALLED_OTHERWISE = [
  ...["register", "end-push", "follow-state", "follow-execution", "rotate", "request-rotation"],
  "receive-event",
];
/** Steps that tell people: when these fail, the execution does, and a rule tells. */
const NOTIFIERS = ["notify-sns", "summarize"];
/** Refusals that honest agents get every day: they draw another ID. */
const NOT_TOLD = ["ID_TAKEN"];
/** States that call a step which another state is named after. */
const NAMED_OTHERWISE: Record<string, string> = {
  NotifyConflict: "NotifySns",
  NotifyBehind: "NotifySns",
  RetirePassword: "RetirePredecessor",
  PushRekey: "PushToInstance",
  NotifySnsOfEvent: "NotifySns",
  LookUpUseAgain: "LookUpUse",
  NotifySnsAgain: "NotifySns",
};
/** What has not answered yet, or cannot for a moment, may answer soon: of our own errors these alone are tried again. */
const SOON_OVER = ["AuthorityUnreachable", "AuthorityBusy", "ManagerRefused"];
const TRIED_AGAIN: Record<string, string[]> = {
  "rotation ask-for-receipt": ["PushUnanswered"],
  "credential validate-secret": ["NotPending"],
  "credential read-uses": SOON_OVER,
  "credential verify-credential": ["AuthorityUnreachable"],
  "credential push-to-authority": SOON_OVER,
  "credential confirm-successor": ["AuthorityUnreachable", "AuthorityBusy", "ReaderBehind", "TokenRefused"],
  "credential retire-predecessor": [...SOON_OVER, "StillAccepted"],
  // IAM may say for some seconds what was before.
  "exposed-key confirm-gone": ["StillActive"],
};
const isOurs = (error: string) => !/^(States|Lambda|Sandbox|StepFunctions)\./.test(error);
const pascalCase = (name: string) => placeholderOf({ name } as StepContract).replace("FunctionArn", "");

describe("flows and steps", () => {
  test.each(FLOW_FILES)("$name is valid for asl-validator", ({ name, text }) => {
    const verdict = validate(substituted(text));
    const message = `Correct statemachines/${name}.asl.yaml: AWS would refuse what asl-validator names here`;
    expect(verdict.isValid ? "" : verdict.errorsText(), message).toBe("");
  });

  test.each(tasks)(
    "$flow $state calls a step of its flow, or the flow of one instance",
    ({ flow, state, task, step }) => {
      const message = `statemachines/${flow}.asl.yaml, ${state}: let FunctionName name a step of functions/${flow}, as \${NameFunctionArn}`;
      expect(step?.name ?? task.Resource, message).toMatch(
        /^([a-z-]+|arn:aws:states:::states:startExecution\.sync:2)$/,
      );
    },
  );

  test.each(steps.filter(({ name }) => !CALLED_OTHERWISE.includes(name)))(
    "$flow $name is called by its flow",
    (step) => {
      const message = `No state calls it: add one to statemachines/${step.flow}.asl.yaml, or, if an event or the function URL \
starts it, name it in CALLED_OTHERWISE here`;
      expect(
        calls.some((call) => call.step === step),
        message,
      ).toBe(true);
    },
  );

  test.each(steps.filter(({ name }) => CALLED_OTHERWISE.includes(name)))("$name is called by no flow", (step) => {
    const message = `A flow calls it now: take ${step.name} out of CALLED_OTHERWISE here`;
    expect(
      calls.some((call) => call.step === step),
      message,
    ).toBe(false);
  });

  test.each(calls)("$name is named after its step", ({ flow, state, step }) => {
    const message = `Rename the state in statemachines/${flow}.asl.yaml after its step, so that a history reads as the code`;
    expect(NAMED_OTHERWISE[state] ?? state, message).toBe(pascalCase(step.name));
  });
});

describe("errors", () => {
  test.each(calls)("$name tries the platform's errors again, by name", ({ flow, state, task, step }) => {
    const own = TRIED_AGAIN[`${flow} ${step.name}`] ?? [];
    const retried = task.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals) ?? [];
    const message = `statemachines/${flow}.asl.yaml, ${state}: Retry takes the file's x-patience, and of our own errors those of TRIED_AGAIN here`;
    expect(retried.sort(), message).toEqual([...PLATFORM, ...own].sort());
  });

  test.each(calls.filter(({ step }) => !NOTIFIERS.includes(step.name)))(
    "$name leads every other error on",
    ({ flow, state, task }) => {
      const message = `statemachines/${flow}.asl.yaml, ${state}: end Catch, and only its end, with States.ALL, or an error ends in silence`;
      expect(task.Catch?.at(-1)?.ErrorEquals, message).toEqual(["States.ALL"]);
      const before = task.Catch?.slice(0, -1).flatMap(({ ErrorEquals }) => ErrorEquals);
      expect(before, message).not.toContain("States.ALL");
    },
  );

  /** Where one item fails, Step Functions stops the others of a Map, in the midst of whatever they do. */
  const inItems = FLOW_FILES.flatMap((flow) =>
    scopesOf(flow)
      .filter(({ ProcessorConfig }) => ProcessorConfig?.Mode === "INLINE")
      .flatMap(({ States }) => Object.entries(States))
      .filter(([, { Type }]) => Type === "Task")
      .map(([state, task]) => ({ name: `${flow.name} ${state}`, task })),
  );

  test.each(inItems)("$name holds no other item up when it fails", ({ name, task }) => {
    const message = `statemachines/, ${name}: end Catch with States.ALL, also of whoever tells people`;
    expect(task.Catch?.at(-1)?.ErrorEquals, message).toEqual(["States.ALL"]);
  });

  test.each(calls)("$name catches only what its step declares", ({ flow, state, task, step }) => {
    const named = [...(task.Retry ?? []), ...(task.Catch ?? [])].flatMap(({ ErrorEquals }) => ErrorEquals);
    const ours = named.filter(isOurs);
    const message = `statemachines/${flow}.asl.yaml, ${state}: take these out of Retry and Catch, or declare them in the contract of ${step.name}`;
    const declared: string[] = [...step.errors, TEMPORARILY_UNAVAILABLE, INVALID_INPUT];
    expect(
      ours.filter((error) => !declared.includes(error)),
      message,
    ).toEqual([]);
  });

  const sources = named(
    readAll("functions/**/*.ts", (file) => !file.endsWith("contract.ts") && !file.endsWith("fake.ts")),
  );
  const tests = named(readAll("test/**/*.test.ts", (file) => !file.startsWith("test/statemachines/")));
  const declared = steps.flatMap(({ flow, name, errors }) => errors.map((error) => ({ flow, name, error })));

  test.each(declared)("$flow $name: $error is raised in functions/, and by a test", ({ flow, name, error }) => {
    // By its name, or from a list by the reasons of refusals.
    const raises = new RegExp(`(StepError\\(\\s*|failedAs\\(|error: |[A-Z]: )"${error}"`).test(sources);
    expect(raises, `Nothing raises ${error}: take it out of functions/${flow}/${name}/contract.ts`).toBe(true);
    const message = `No test sees ${error}: let test/functions/${flow}/${name}.test.ts bring it about`;
    expect(tests.includes(`"${error}"`), message).toBe(true);
  });

  test("every error that is raised is declared by a step", () => {
    const raised = [...sources.matchAll(/new StepError\(\s*"(\w+)"/g)].map(([, error]) => error);
    expect(raised.length).toBeGreaterThan(5);
    const known = declared.map((one) => one.error);
    expect(
      raised.filter((error) => !known.includes(error ?? "")),
      "Name these under errors in the contract.ts of the steps that raise them",
    ).toEqual([]);
  });

  const telling = readAll("functions/**/*.ts", (file) => !/fake\.ts$|^functions\/telling\//.test(file));

  /** By whose it is and how it ended, a key is told of by one cause or another. */
  const tellingOfKeys = readAll("functions/exposed-key/notify-sns/step.ts", () => true);

  /** What steps tell by its name, and what may reach the notifiers: of the rotations, what no Catch before the last takes. */
  const alerting = new Set([
    "STALE",
    "MISMATCH",
    "CONFLICT",
    "CredentialMismatch",
    "ConsumersBehind",
    INVALID_INPUT,
    ...REFUSALS.filter((reason) => !NOT_TOLD.includes(reason)),
    ...Array.from(tellingOfKeys.matchAll(/(?:: |= )"([A-Z][a-z]\w+)"/g), ([, cause = ""]) => cause),
    ...Array.from(telling.matchAll(/(?:\bcause: |\bcause = .* \? |\btell\()"([A-Z]\w+)"/g), ([, cause = ""]) => cause),
    ...calls
      .filter(({ step }) => ["rotation", "credential"].includes(step.flow) && !NOTIFIERS.includes(step.name))
      .flatMap(({ task, step }) => {
        const quiet = task.Catch?.slice(0, -1).flatMap(({ ErrorEquals }) => ErrorEquals);
        return step.errors.filter((error) => !quiet?.includes(error));
      }),
  ]);

  test.each([...alerting])("%s comes with advice", (what) => {
    const message = `People are mailed about ${what}: say in functions/telling/advice.ts, in sentences, what it means and what to do`;
    expect(ADVICE[what]?.title, message).toMatch(/^[a-z].*\w$/i);
    expect(ADVICE[what]?.means, message).toMatch(/\.$/);
    expect(ADVICE[what]?.todo, message).toMatch(/[.`]$/);
  });

  test("there is advice for nothing that cannot come", () => {
    expect(
      Object.keys(ADVICE).filter((what) => !alerting.has(what)),
      "Nobody is mailed about these: take them out of functions/telling/advice.ts",
    ).toEqual([]);
  });

  test("a credential's verdict goes on, ends quietly, or alerts", () => {
    const { Choices = [], Default } = FLOW_FILES.find(({ name }) => name === "credential")?.States.Verdict ?? {};
    expect(Choices.map(({ Condition, Next }) => [Condition, Next])).toEqual([
      ["{% $states.input.verdict = 'SUPERSEDED' %}", "NotTurned"],
      ["{% $states.input.turns and $states.input.test %}", "NotTurned"],
      ["{% $states.input.turns %}", "DeriveSuccessor"],
    ]);
    // Which frees the secret and leads to NotifySns.
    expect(Default).toBe("DropPending");
  });

  test("every verdict goes on, ends quietly, or alerts", () => {
    const verdict = FLOW_FILES.find(({ name }) => name === "rotation")?.States.Verdict;
    const named = JSON.stringify(verdict?.Choices)
      .match(/'[A-Z_]+'/g)
      ?.map((name) => name.slice(1, -1));
    const all: readonly string[] = verifyHash.output.shape.verdict.options;
    const message = (what: string) => `statemachines/rotation.asl.yaml, Verdict: ${what}`;
    expect(
      all.filter((name) => !named?.includes(name)).sort(),
      message("give each verdict a choice; only MISMATCH is left to Default, which alerts"),
    ).toEqual(["MISMATCH"]);
    expect(verdict?.Default, message("let Default lead to NotifySns, so that no verdict is lost")).toBe("NotifySns");
    expect(
      named?.filter((name) => !all.includes(name)),
      message("take out the choices of verdicts that the contract of verify-hash does not know"),
    ).toEqual([]);
  });
});

describe("data", () => {
  test.each(FLOW_FILES)("every variable in $name is assigned on every way to where it is read", (flow) => {
    const message = `statemachines/${flow.name}.asl.yaml: assign these (STATE: VARIABLE) on every way there, or do not read them`;
    expect(unassigned(flow), message).toEqual([]);
  });

  test.each(FLOW_FILES)("no variable in $name is assigned in vain", (flow) => {
    const vain = scopesOf(flow).flatMap((scope) => {
      const read = variablesIn(Object.values(scope.States));
      return [...assignedIn(scope)].filter((variable) => !read.has(variable));
    });
    const message = `statemachines/${flow.name}.asl.yaml: take these out of Assign, since no state reads them`;
    expect(vain, message).toEqual([]);
  });

  test.each(FLOW_FILES)("no variable inside of a Map in $name has the name of one around it", (flow) => {
    const message = `statemachines/${flow.name}.asl.yaml: name these (MAP: VARIABLE) otherwise; AWS would refuse the definition`;
    expect(assignedTwice(flow), message).toEqual([]);
  });

  test("a variable that one way leaves unassigned is found", () => {
    const pass = (fields: Partial<State>): State => ({ Type: "Pass", ...fields });
    const scope: Scope = {
      StartAt: "A",
      States: {
        A: { Type: "Choice", Choices: [{ Condition: "{% true %}", Next: "B" }], Default: "C", Assign: { x: 1 } },
        B: pass({ Assign: { y: "{% $x %}" }, Next: "C" }),
        C: pass({ Output: "{% $x + $count($y) + $map($states.input, function($v) { $v }) %}", Next: "D" }),
        D: { Type: "Succeed" },
      },
    };
    expect(unassigned(scope)).toEqual(["B: x", "C: x", "C: y"]);
    expect([...variablesIn("{% ${Number} + $now() + $states.input.id %}")]).toEqual([]);
  });

  test("a Map reads what is assigned around it, but for a Distributed one, and has names of its own", () => {
    const scope = (Mode: "INLINE" | "DISTRIBUTED"): Scope => ({
      StartAt: "A",
      States: {
        A: { Type: "Pass", Assign: { x: 1 }, Next: "B" },
        B: {
          Type: "Map",
          ItemProcessor: {
            ProcessorConfig: { Mode },
            StartAt: "C",
            States: { C: { Type: "Pass", Assign: { x: "{% $x + $y %}" }, Next: "D" }, D: { Type: "Succeed" } },
          },
          Assign: { y: 1 },
          Next: "E",
        },
        E: { Type: "Succeed" },
      },
    });
    expect(unassigned(scope("INLINE"))).toEqual(["C: y"]);
    expect(unassigned(scope("DISTRIBUTED"))).toEqual(["C: x", "C: y"]);
    expect(assignedTwice(scope("INLINE"))).toEqual(["B: x"]);
    expect(assignedTwice(scope("DISTRIBUTED"))).toEqual([]);
  });

  /** Names under which key material would go; `publicKey` and a key's generation are none. */
  const SECRET = /^(key|keys|ciphertext|privateKey|plaintext|secret|shared|password)$/i;
  /**
   * There `secret` is the name of what Secrets Manager calls so, and `PASSWORD` is what the second stroke takes away; and the keys
   * of the exposed ones are access keys, of which nothing but the ID is known.
   */
  const NO_SECRET: Record<string, string[]> = { credential: ["secret", "PASSWORD"], "exposed-key": ["key", "keys"] };
  const isSecret = (word: string, flow: string) => SECRET.test(word) && !NO_SECRET[flow]?.includes(word);

  test.each(tasks)("nothing secret goes through $flow $state", ({ flow, state, task }) => {
    const { FunctionName: _function, StateMachineArn: _flow, ...passed } = task.Arguments ?? {};
    const words = JSON.stringify([passed, task.Output, task.Assign, task.Catch]).match(/\w+/g) ?? [];
    const message = `statemachines/${flow}.asl.yaml, ${state}: what a state holds can be read in its history: let the step read secrets from the record itself`;
    expect(
      words.filter((word) => isSecret(word, flow)),
      message,
    ).toEqual([]);
  });

  test.each(steps)("nothing secret goes into or out of $flow $name", ({ flow, name, input, output }) => {
    const names = [input, output].flatMap(propertiesOf);
    expect(names.length).toBeGreaterThan(0);
    expect(
      names.filter((field) => isSecret(field, flow)),
      `functions/${flow}/${name}/contract.ts: take these out, since what goes in and out can be read in the history`,
    ).toEqual([]);
  });
});

/** Names of errors that stand in a list, as the texts that they are. */
function named(text: string): string {
  const lists: Record<string, Record<string, string>> = { AUTHORITY_ERRORS, CREDENTIAL_ERRORS };
  return text.replace(/\b(AUTHORITY_ERRORS|CREDENTIAL_ERRORS)\.(\w+)/g, (whole, list: string, name: string) =>
    JSON.stringify(lists[list]?.[name] ?? whole),
  );
}

function readAll(pattern: string, accept: (file: string) => boolean): string {
  const root = new URL("../../", import.meta.url);
  const files = globSync(pattern, { cwd: root }).filter(accept);
  return files.map((file) => readFileSync(new URL(file, root), "utf8")).join("\n");
}

/** The names of all fields in a schema, however deep. */
function propertiesOf(schema: z.ZodMiniType): string[] {
  const names: string[] = [];
  JSON.stringify(z.toJSONSchema(schema, { unrepresentable: "any" }), (name, value: unknown) => {
    if (name === "properties" && typeof value === "object" && value !== null) names.push(...Object.keys(value));
    return value;
  });
  return names;
}
