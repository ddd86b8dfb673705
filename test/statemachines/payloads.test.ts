import jsonata from "jsonata";
import { expect, test } from "vitest";
import type * as z from "zod/mini";
import { FLOW_FILES, tasksOf } from "./definitions.ts";

/** What an expression may read. */
interface Moment {
  /** What the state gets. */
  input?: unknown;
  /** What the execution was started with. */
  started?: unknown;
  /** The flow's variables. */
  variables?: Record<string, unknown>;
}

const registration = {
  ...{ id: "a1b2c3", ec2InstanceId: "i-1", ip: "10.0.0.1", flag: "new", publicKey: "00" },
  agentVersion: "0.2.0",
};
const rekeying = { ...registration, flag: "rekey", generation: 7, nonceDigest: "00" };

const looking = {
  one: { accessKeyId: "AKIA" },
  orders: { regions: ["us-east-1"], from: 0 },
  found: { use: {}, to: 0, next: {} },
};

/** For each payload that is computed whole: a moment in which every field is there that ever may be. */
const MOMENTS: Record<string, Moment> = {
  "registration ValidateId": { input: rekeying },
  "registration UpsertIp": { started: registration },
  "registration DeriveRekey": { started: rekeying },
  "rotation ValidateId": { input: { id: "a1b2c3" } },
  "rotation FollowHost": {
    input: { verdict: "STALE", lastProofAt: 0 },
    variables: { id: "a1b2c3", ec2InstanceId: "i-1", generation: 1 },
  },
  "rotation NotifySns": {
    input: { step: "VerifyHash", what: "STALE", cause: "", generation: 1, rekey: true, lastProofAt: 0 },
    started: { id: "a1b2c3" },
  },
  "operate ValidateAct": {
    input: {
      act: "rekey",
      id: "a1b2c3",
      ids: [],
      cause: "",
      all: true,
      anew: true,
      since: "",
      reason: "",
      requestedBy: "",
    },
  },
  "operate ListMeant": {
    variables: { meant: { ids: [], cause: "", all: true }, page: { after: "a1b2c3" }, since: 0 },
  },
  "fleet-rotation ListDue": { started: { ids: [] }, variables: { page: { at: 0, after: "a1b2c3" } } },
  "watch LookAtRecords": { variables: { page: { after: "a1b2c3" }, at: 0 } },
  "watch CheckRecords": { started: { check: { ids: [] } }, variables: { page: { after: "a1b2c3" } } },
  "watch LookAtHosts": { variables: { page: { after: "a1b2c3" }, at: 0 } },
  "credential ValidateSecret": { started: { secret: "orders/db", token: "", test: true } },
  "credential DropPending": { input: { what: "BEHIND" }, started: { secret: "orders/db", token: "" } },
  "credential NotifySns": {
    input: { step: "VerifyCredential", what: "BEHIND", cause: "", behind: [], promoted: false },
    started: { secret: "orders/db", token: "" },
  },
  "exposed-key ValidateEvent": { input: {} },
  "exposed-key ReadKey": { input: { accessKeyId: "AKIA", claimedUser: "deployer" } },
  "exposed-key LookUpUse": { variables: looking },
  "exposed-key LookUpUseAgain": { variables: { ...looking, shut: [{}] } },
  "exposed-key NotifySns": {
    variables: { ...looking, done: [], failed: [], event: {}, asked: {}, gone: { gone: {} } },
  },
  "exposed-key NotifySnsAgain": { variables: { ...looking, failed: [], event: {} } },
  "watch NotifySns": { input: { seal: { day: "2026-11-19", digest: "00" } }, variables: { at: 0, problem: "" } },
};

/** What a state leaves out of what its step takes, where another state gives it. */
const LEFT_OUT: Record<string, string[]> = {
  // However few keys there are, people do not wait for the mail any longer.
  "exposed-key LookUpUse": ["keys"],
  // Of the event itself there is no key, and so no use of one.
  "exposed-key NotifySnsOfEvent": ["key", "use", "gone"],
  // How the key was found is told already, and so who asked.
  "exposed-key NotifySnsAgain": ["gone", "asked"],
};

const calls = FLOW_FILES.flatMap((flow) =>
  tasksOf(flow).flatMap(({ state, task, step }) =>
    step ? [{ name: `${flow.name} ${state}`, payload: task.Arguments?.Payload, step }] : [],
  ),
);

test.each(calls)("$name passes what its step takes, field for field", async ({ name, payload, step }) => {
  const message = `In statemachines/, ${name}: pass in Payload the fields of input in the contract of ${step.name}, no more and no less`;
  const taken = fieldsOfSchema(step.input).filter((field) => !LEFT_OUT[name]?.includes(field));
  expect((await fieldsOf(name, payload)).sort(), message).toEqual(taken.sort());
});

test("no moment is described for a payload that is not computed whole", () => {
  const computed = calls.filter(({ payload }) => typeof payload === "string").map(({ name }) => name);
  const message = "MOMENTS here describes one for each payload that is an expression as a whole: correct it";
  expect(Object.keys(MOMENTS).sort(), message).toEqual(computed.sort());
});

async function fieldsOf(name: string, payload: unknown): Promise<string[]> {
  if (typeof payload !== "string") return Object.keys(payload ?? {});
  const moment = MOMENTS[name];
  if (moment === undefined) throw new Error(`${name} computes its payload: describe a moment of it in MOMENTS.`);
  const { input, started, variables = {} } = moment;
  const context = { Execution: { Id: "arn", Input: started }, State: { EnteredTime: "2026-11-20T03:00:00.000Z" } };
  const states = { input, context };
  return Object.keys(await jsonata(payload.replace(/^\{%|%\}$/g, "")).evaluate(undefined, { states, ...variables }));
}

/** A schema's fields; those of all its options, if there is a choice. */
function fieldsOfSchema(schema: z.ZodMiniType): string[] {
  const { shape, options } = (schema as unknown as { def: { shape?: object; options?: z.ZodMiniType[] } }).def;
  return [...new Set(options ? options.flatMap(fieldsOfSchema) : Object.keys(shape ?? {}))];
}
