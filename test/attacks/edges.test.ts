import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAnswer } from "../../agent/registration/answer.ts";
import { printedAnswer } from "../../functions/rotation/push-answer.ts";
import type { StepContract } from "../../functions/shared/contract.ts";
import { INVALID_INPUT, TEMPORARILY_UNAVAILABLE } from "../../functions/shared/errors.ts";
import { functionNameOf, STEPS } from "../../functions/steps.ts";
import { FLOWS, type FlowName } from "../../infra/wiring.ts";
import { readTicket, readTurnAnswer, timeOfSeriesKey } from "../../protocol/index.ts";
import { SECRET, TOKEN } from "../functions/credential/support.ts";
import { EC2, EXECUTION, hex64Of, ID, NOW, OTHER_EC2 } from "../functions/support.ts";
import { readDefinitions } from "../harness/definitions.ts";
import { FLEET } from "../harness/fleet.ts";
import { runUndisturbed } from "../harness/run.ts";
import { scenarioOf } from "../harness/scenarios/index.ts";
import { World } from "../harness/world.ts";

/** Texts that mean something to a shell, a path, a template, a mail, a log or a table. */
const SPITEFUL = [
  ...[
    "$(reboot)",
    "`reboot`",
    "; reboot",
    "| sh",
    "{{ssm:secret}}",
    "${IFS}",
    "%0a",
    "'",
    '"',
    "\\",
    "\r\nBcc: someone",
  ],
  ...[
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "~",
    "\u0000",
    "\u202e",
    "é".normalize("NFD"),
    "０a1b2c",
    " 0a1b2c",
  ],
  ...["0a1b2c\n", "0A1B2C", "__proto__", "constructor", "toString", "[object Object]", "NaN", "1e3", "-0", ""],
  "x".repeat(5000),
];
const spiteful = fc.constantFrom(...SPITEFUL);
/** Anything that JSON can say, with such texts in it, also as the names of fields. */
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(spiteful, fc.string(), fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(spiteful, fc.string()), tie("value"), { maxKeys: 4 }),
  ),
})).value;

/** An instance of the fleet, as AWS has authenticated it. */
const CALLER = {
  accountId: FLEET.account,
  userId: `${FLEET.roleIds[0]}:${EC2}`,
  userArn: `arn:aws:sts::${FLEET.account}:assumed-role/KeyturnInstance/${EC2}`,
};

/** What is right, so that one field after the other can be replaced in it. */
const turning = { id: ID, ec2InstanceId: EC2, generation: 2, execution: "execution" };
const command = {
  "command-id": "c",
  "document-name": "d",
  "instance-id": EC2,
  "requested-date-time": "",
  status: "Success",
};
const asked = { reason: "why", requestedBy: "who" };
const meant = { id: ID, ec2InstanceId: EC2, status: "ACTIVE", ...asked, execution: EXECUTION };
const RIGHT: Record<string, object> = {
  "registration/register": {
    body: JSON.stringify({ id: ID, ip: "10.0.0.1", flag: "update" }),
    ...{ isBase64Encoded: false, requestContext: { http: { method: "POST" }, authorizer: { iam: CALLER } } },
  },
  "registration/validate-id": { id: ID, ec2InstanceId: EC2, flag: "update" },
  "registration/upsert-ip": { id: ID, ec2InstanceId: EC2, flag: "update", ip: "10.0.0.1" },
  "rotation/validate-id": { id: ID },
  "rotation/read-time-series": { id: ID, ec2InstanceId: EC2, generation: 1 },
  "rotation/follow-host": { id: ID, ec2InstanceId: EC2, generation: 1 },
  "rotation/confirm-successor": {
    ...{ id: ID, generation: 2, receiptDigest: hex64Of("digest") },
    receipt: { id: ID, generation: 2, proof: hex64Of("proof"), hooks: [] },
  },
  "rotation/notify-sns": { id: ID, step: "VerifyHash", what: "STALE", cause: "", execution: EXECUTION },
  "fleet-rotation/list-due": { input: { ids: [ID] }, at: NOW, after: "[]" },
  "fleet-rotation/summarize": { due: 1, turned: 0, skipped: 0, failed: 1, problem: "", execution: EXECUTION },
  "registration/notify-sns": {
    ...{ id: ID, ec2InstanceId: EC2, flag: "new", reason: "ID_TAKEN", failed: false, execution: EXECUTION },
  },
  "rotation/verify-hash": { id: ID, ec2InstanceId: EC2, generation: 1, samples: [] },
  "rotation/derive-successor": { id: ID, ec2InstanceId: EC2, generation: 1, verdict: "MATCH", lastProofAt: NOW },
  "rotation/push-to-instance": { ...turning, taskToken: "token" },
  "rotation/ask-for-receipt": turning,
  "rotation/end-push": { detail: command },
  "rotation/promote-successor": { ...turning, receiptDigest: hex64Of("made up"), verdict: "MATCH" },
  "life/follow-execution": {
    time: "2026-11-20T03:00:00Z",
    detail: {
      executionArn: EXECUTION,
      name: "0a1b2c-1",
      status: "FAILED",
      input: `{"id":"${ID}"}`,
      error: "E",
      cause: null,
    },
  },
  "watch/look-at-records": { after: "{}", execution: EXECUTION },
  "watch/check-records": { check: { ids: [ID] }, after: "{}", execution: EXECUTION },
  "watch/look-at-hosts": { at: NOW, after: "token", execution: EXECUTION },
  "watch/seal-day": { at: NOW },
  "watch/notify-sns": { at: NOW, complete: true, execution: EXECUTION },
  "operate/validate-act": { act: "release", id: ID, reason: "why", requestedBy: "who" },
  "operate/quarantine": meant,
  "operate/release": meant,
  "operate/retire": meant,
  "operate/drill": { ...asked, execution: EXECUTION },
  "credential/request-rotation": { id: TOKEN, detail: { secret: SECRET, ...asked } },
  "life/follow-state": { time: "2026-11-20T03:00:00Z", detail: { "instance-id": EC2, state: "running" } },
};

/** A right input in which one field, at any depth, is something else, if there is any, or one is there too many. */
function spoiled(right: object): fc.Arbitrary<unknown> {
  const replaced = pathsOf(right).map((path) => anything.map((value) => withValue(right, path, value)));
  const more = fc.tuple(fc.oneof(spiteful, fc.string()), anything).map(([name, value]) =>
    // As JSON.parse does, which makes an own property even of this name.
    withValue(
      JSON.parse(`{${[JSON.stringify(right).slice(1, -1), `${JSON.stringify(name)}:1`].filter(Boolean).join(",")}}`),
      [name],
      value ?? null,
    ),
  );
  return fc.oneof(...(replaced.length > 0 ? [fc.oneof(...replaced)] : []), more, anything);
}

function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => [[...path, name], ...pathsOf(inner, [...path, name])]);
}

function withValue(right: object, path: string[], value: unknown): object {
  const copy = structuredClone(right);
  const last = path.at(-1) ?? "";
  const holder = path.slice(0, -1).reduce<Record<string, unknown>>((at, name) => at[name] as never, copy as never);
  holder[last] = value;
  return copy;
}

const definitions = readDefinitions();
/** Of each flow, its routes that were not run yet; and what steps were given first on those that were, by their functions. */
const routesLeft = new Map(FLOWS.map(({ name }) => [name as string, [...scenarioOf(name).routes]]));
const firstGiven = new Map<string, object>();

/** An input that a step takes: of those above, or the first that its flow gives it. */
async function rightFor(contract: StepContract): Promise<object> {
  const { flow, name } = contract;
  const typed = RIGHT[`${flow}/${name}`];
  if (typed !== undefined) return typed;
  for (;;) {
    const given = firstGiven.get(functionNameOf(contract));
    if (given !== undefined) return given;
    const route = routesLeft.get(flow)?.shift();
    if (route === undefined) {
      throw new Error(`No flow calls ${flow}/${name}: add to RIGHT in this file an input that it takes.`);
    }
    await runUndisturbed(flow as FlowName, route, definitions, ({ functions }) => {
      const invoke = functions.invoke.bind(functions);
      functions.invoke = (called, payload) => {
        if (!firstGiven.has(called)) firstGiven.set(called, structuredClone(payload as object));
        return invoke(called, payload);
      };
    });
  }
}

/** What a person types; there, what is not known is a mistake. */
const TYPED = ["operate/validate-act"];

const WHOLE_EVENTS = ["exposed-key/receive-event", "exposed-key/validate-event"];

describe.each(STEPS.map((contract) => ({ contract, name: `${contract.flow}/${contract.name}` })))(
  "$name",
  ({ contract, name }) => {
    test("refuses by name what has not its form, repeats none of it, and writes nothing", async () => {
      const right = await rightFor(contract);
      expect(contract.input.safeParse(right).error?.issues).toBeUndefined();
      await fc.assert(
        fc.asyncProperty(spoiled(right), async (input) => {
          const world = new World();
          // What it does with what has the right form, other tests look at; here it may fail in any way that is declared.
          world.watching = false;
          await world.settledHost(ID, EC2);
          const before = JSON.stringify([...world.registry.records]);
          const answer = await world.functions.invoke(functionNameOf(contract), input);
          expect(world.broken).toEqual([]);
          // What it has started is over before the next world is there.
          if (answer.ok) return world.settle();
          const declared = [...contract.errors, INVALID_INPUT, TEMPORARILY_UNAVAILABLE];
          expect(declared).toContain(answer.errorType);
          if (answer.errorType !== INVALID_INPUT) return;
          expect(JSON.stringify([...world.registry.records])).toBe(before);
          expect(world.calls.made).toEqual([]);
          expect(answer.errorMessage).toMatch(/^[ -~…]+$/);
          expect(answer.errorMessage).not.toMatch(/reboot|etc.passwd/);
        }),
        { numRuns: 60 },
      );
    });

    // They take a whole event, whatever it is.
    if (WHOLE_EVENTS.includes(name)) return;
    // An execution that is under way at a deployment goes on as it began, and calls the functions of the next version.
    if (TYPED.includes(name)) return;
    test("passes over a field that another version knew", async () => {
      const parsed = contract.input.safeParse({ ...(await rightFor(contract)), ofAnotherVersion: 1 });
      expect(parsed.error?.issues).toBeUndefined();
      expect(parsed.data).not.toHaveProperty("ofAnotherVersion");
    });
  },
);

test("whatever an agent prints, is answered, or lies in a table, is read as what it is or as nothing", () => {
  const texts = fc.oneof(
    spiteful,
    fc.string(),
    fc.json(),
    anything.map((value) => JSON.stringify(value ?? null)),
  );
  fc.assert(
    fc.property(texts, anything, fc.integer({ min: 100, max: 599 }), (text, value, status) => {
      const printed = printedAnswer({ phase: "over", status: "Success", output: text });
      const read = [printed, readTurnAnswer(value), readAnswer(status, text), timeOfSeriesKey(value)];
      const ticket = readTicket(Object(value));
      for (const one of [...read, ticket]) expect(JSON.stringify(one) ?? "").not.toMatch(/reboot|etc.passwd|Bcc/);
    }),
  );
});

test("a registration's body is answered with a 400 that names the field, a refusal or the caller's own registration", async () => {
  const right = { id: ID, ip: "10.0.0.1", flag: "new", publicKey: hex64Of("a public key") };
  const bodies = fc.oneof(
    spoiled(right).map((body) => JSON.stringify(body) ?? ""),
    fc.string(),
    spiteful,
    fc.json(),
  );
  await fc.assert(
    fc.asyncProperty(bodies, fc.boolean(), async (body, isBase64Encoded) => {
      const world = new World();
      await world.settledHost("0a1b2d", OTHER_EC2);
      const before = JSON.stringify(world.registry.records.get("0a1b2d"));
      const sent = isBase64Encoded ? Buffer.from(body).toString("base64") : body;
      const requestContext = { http: { method: "POST" }, authorizer: { iam: CALLER } };
      const name = functionNameOf({ flow: "registration", name: "register" });
      const answer = await world.functions.invoke(name, { body: sent, isBase64Encoded, requestContext });
      if (!answer.ok) throw new Error(`${answer.errorType}: ${answer.errorMessage}`);
      const { statusCode, body: told } = answer.payload as { statusCode: number; body: string };
      expect([200, 400]).toContain(statusCode);
      expect(told).not.toMatch(/reboot|etc.passwd|Bcc|polluted/);
      if (statusCode === 400) expect(JSON.parse(told).field).toMatch(/^[a-zA-Z]+$/);
      expect(world.broken).toEqual([]);
      expect(JSON.stringify(world.registry.records.get("0a1b2d"))).toBe(before);
    }),
    { numRuns: 150 },
  );
});

test.each(["__proto__", "constructor", "prototype"])("a field %s in JSON alters no prototype", async (field) => {
  const world = new World();
  await world.settledHost(ID, EC2);
  const input = JSON.parse(`{"id":"${ID}","${field}":{"polluted":true,"id":"ffffff"}}`);
  await world.functions.invoke("keyturn-rotation-validate-id", input);
  const body = `{"id":"${ID}","ip":"10.0.0.9","flag":"update","${field}":{"polluted":true,"id":"ffffff"}}`;
  const requestContext = { http: { method: "POST" }, authorizer: { iam: CALLER } };
  const answer = await world.functions.invoke("keyturn-registration-register", {
    ...{ body, isBase64Encoded: false, requestContext },
  });
  expect(answer).toMatchObject({ ok: true, payload: { statusCode: 200 } });
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
