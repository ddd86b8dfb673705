import type { FunctionInvoker } from "embedded-aws";
import { expect, test } from "vitest";
import { fakeTrail } from "../../functions/clients/trail.fake.ts";
import { NO_USE } from "../../functions/exposed-key/add-up.ts";
import { MOST_KEYS, MOST_ROLES, MOST_UNFIT, type Use } from "../../functions/exposed-key/forms.ts";
import type { contract } from "../../functions/exposed-key/look-up-use/contract.ts";
import { lookUpUse } from "../../functions/exposed-key/look-up-use/step.ts";
import type { InputOf } from "../../functions/shared/contract.ts";
import { functionNameOf, STEPS } from "../../functions/steps.ts";
import { NOW, seededRandom } from "../functions/support.ts";
import { HandClock } from "./clock.ts";
import { NUMBERS, readDefinitions } from "./definitions.ts";
import { DrivenFlows } from "./flows.ts";
import { Interpreter } from "./interpreter.ts";

// How large the data of an execution becomes at the most: what the flow keeps of a hundred keys has to lie within what Step
// Functions allows, or it ends an execution, which no state catches.

/** The most that the data of a state may have, in bytes, and the most events that an execution may. */
const MOST_BYTES = 256 * 1024;
const MOST_EVENTS = 25_000;

/** In UTF-8 it takes three bytes; in the JSON of a text, a quotation mark takes two. */
const WIDE = "界";
const QUOTES = '"'.repeat(1000);

const KEYS = Array.from({ length: MOST_KEYS }, (_, n) => ({
  accessKeyId: `AKIA${n}`.padEnd(128, "Z"),
  claimedUser: "u".repeat(64),
}));

type Answer = (payload: never) => unknown;

/** What the steps answer, each as much as it may. */
const LARGEST: Record<string, Answer> = {
  "validate-event": () => ({
    ...{ code: WIDE.repeat(100), isKnown: true, keys: KEYS, beyond: 1 },
    ...{ unfit: Array.from({ length: MOST_UNFIT }, () => WIDE.repeat(60)), unfitCount: MOST_UNFIT },
    ...{ then: "delete", denySessions: true, regions: Array.from({ length: 40 }, () => "ap-southeast-2"), from: NOW },
  }),
  "read-key": () => {
    const lastUse = { at: NOW, service: WIDE.repeat(100), region: WIDE.repeat(100) };
    return { owner: "USER", user: "u".repeat(64), account: "000000000000", lastUse };
  },
  "deactivate-key": () => ({ done: "DEACTIVATED" }),
  "deny-sessions": () => ({ done: "SESSIONS_DENIED" }),
  "look-up-use": lookUpFrom(NO_USE),
  "delete-key": () => ({ done: "DELETED" }),
  "confirm-gone": () => ({ is: "INACTIVE", otherKeys: ["A".repeat(128), "B".repeat(128)], quarantine: [] }),
  "notify-sns": () => ({ told: true, cause: "AccessKeyExposed" }),
};

/** As many kinds of calls as a thief may make, each from everywhere: the names of AWS's own, which are not that long. */
const MUCH: Use = {
  calls: Array.from({ length: 1000 }, (_, n) => ({
    name: `${"s".repeat(30)}:${`Call${n}`.padEnd(64, "x")}`,
    ...{ count: 1_000_000, first: NOW, last: NOW, refused: 1_000_000, leaves: false },
    regions: Array.from({ length: 5 }, (_, at) => `ap-southeast-${at}`),
    addresses: Array.from({ length: 5 }, (_, at) => `2001:db8:85a3:8d3:1319:8a2e:370:${at}`.padEnd(39, "0")),
  })),
  ...{ total: 1_000_000_000, left: 0, unread: [] },
  roles: Array.from({ length: MOST_ROLES }, (_, n) => `arn:aws:iam::000000000000:role/${n}`.padEnd(300, "r")),
};

/** The step itself, each call of which comes upon its own end, as often as it may be called for a key. */
function lookUpFrom(found: Use): Answer {
  return ({ use = found, ...input }: InputOf<typeof contract>) => {
    let at = NOW;
    const now = () => {
      at += 60_000;
      return at;
    };
    return lookUpUse({ ...input, use }, { trail: fakeTrail(), now, wait: async () => undefined, random: Buffer.alloc });
  };
}

const FAILING: Answer = () => {
  throw Object.assign(new Error(QUOTES), { name: "E".repeat(200) });
};

/** What Lambda says when it has no room, so many times of each call as it is made again, and then something else. */
function throttled(): Answer {
  const times = new Map<string, number>();
  return (payload) => {
    const call = JSON.stringify(payload);
    const before = times.get(call) ?? 0;
    times.set(call, before + 1);
    if (before < 6) throw Object.assign(new Error("Rate Exceeded."), { name: "Lambda.TooManyRequestsException" });
    throw Object.assign(new Error("no"), { name: "AccessDenied" });
  };
}

/** Runs an execution with these answers to its end. */
async function run(changed: Record<string, Answer>) {
  const answers = { ...LARGEST, ...changed };
  const clock = new HandClock(NOW);
  let answered = 0;
  const functions: FunctionInvoker = {
    async invoke(functionName, payload) {
      const step = STEPS.find((one) => one.flow === "exposed-key" && functionNameOf(one) === functionName);
      answered += 1;
      try {
        return { ok: true, payload: await answers[step?.name ?? ""]?.(payload as never) };
      } catch (error) {
        const { name, message } = error as Error;
        return { ok: false, errorType: name, errorMessage: message, trace: [] };
      }
    },
  };
  const around = {
    ...{ clock, random: seededRandom("sizes"), log: () => undefined, functions },
    ...{ events: { raise: () => undefined }, beforeStart: () => undefined },
  };
  const flows = new DrivenFlows(Interpreter.take(DEFINITIONS, NUMBERS, around));
  flows.start("exposed-key", { source: "aws.health" });
  while (flows.areRunning) {
    const before = answered;
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    // Time passes only where nothing else happens.
    const next = answered === before ? clock.next() : undefined;
    if (next !== undefined) clock.moveTo(next);
  }
  const [execution] = flows.executions("exposed-key");
  if (execution === undefined) throw new Error("nothing was started");
  return { execution, events: flows.history(execution) };
}

const DEFINITIONS = readDefinitions();

/** The data of states, in bytes: what goes in and out, what is assigned, and what a function is called with. */
function sizesOf(events: Awaited<ReturnType<typeof run>>["events"]): number[] {
  return events.flatMap((event) => {
    const details = Object.values(event).filter((part): part is Record<string, unknown> => typeof part === "object");
    const texts = details.flatMap(({ input, output, parameters, assignedVariables }) => [
      ...[input, output, parameters].filter((text) => typeof text === "string"),
      ...(assignedVariables ? Object.values(assignedVariables as Record<string, string>) : []),
    ]);
    return texts.map((text) => Buffer.byteLength(text, "utf8"));
  });
}

test.each<[string, Record<string, Answer>]>([
  ["everything goes well", {}],
  ["nothing but the telling works", failingBut("validate-event", "notify-sns")],
  ["everything but the telling is throttled for good", throttledBut("validate-event", "notify-sns")],
])("a hundred keys come to their end within AWS's limits when %s", async (_, changed) => {
  const { execution, events } = await run(changed);
  expect(execution.error).toBe("Keyturn.StepsFailed");
  expect(Math.max(...sizesOf(events))).toBeLessThan(MOST_BYTES);
  expect(events.length).toBeLessThan(MOST_EVENTS);
});

test("a key with which very much was done comes to its end within AWS's limits", async () => {
  const [read, keys] = [LARGEST["validate-event"]?.(undefined as never) as object, KEYS.slice(0, 1)];
  const changed = { "validate-event": () => ({ ...read, keys }), "look-up-use": lookUpFrom(MUCH) };
  const { execution, events } = await run(changed);
  expect(execution.error).toBe("Keyturn.StepsFailed");
  // It is told that there was no time for more.
  expect(execution.cause).toContain("LookUpUse (RegionsUnread)");
  expect(Math.max(...sizesOf(events))).toBeLessThan(MOST_BYTES);
  expect(events.length).toBeLessThan(MOST_EVENTS);
});

function failingBut(...names: string[]): Record<string, Answer> {
  const others = Object.keys(LARGEST).filter((name) => !names.includes(name));
  return Object.fromEntries(others.map((name) => [name, FAILING]));
}

function throttledBut(...names: string[]): Record<string, Answer> {
  return Object.fromEntries(Object.keys(failingBut(...names)).map((name) => [name, throttled()]));
}
