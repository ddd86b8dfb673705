import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ExposedKeySettings } from "../../functions/shared/exposed-key-settings.ts";
import type { Arns } from "../../infra/rights/arns.ts";
import { EXPOSED_KEYS_HERE } from "../../local/exposed/settings.ts";
import { rolesHere } from "../../local/roles.ts";
import { type Exposed, ExposedKeys, healthEvent } from "./exposed-keys.ts";
import { Asked, anyArns, arnsUnder, isOfExposedKeys, rightsOf, rightsSuite, type Way, way } from "./rights.suite.ts";
import { startTestFleet, type TestFleet, until } from "./support.ts";

// What rights.test.ts shows of the other steps, of those of exposed keys: with all that may be set for them.

const ALL: ExposedKeySettings = { ...EXPOSED_KEYS_HERE, then: "delete", denySessions: true };

let fleet: TestFleet;
let arns: Arns;
let keys: ExposedKeys;
const asked = new Asked();

beforeAll(async () => {
  const settings = { sampleIntervalSeconds: 3600, secondLookSeconds: 1 };
  fleet = await startTestFleet(0, { ...asked.noting, settings });
  keys = new ExposedKeys(fleet);
  arns = await arnsUnder(fleet, [], ["timestream"], ALL);
  for (const role of rolesHere(arns)) if (role.name.startsWith("keyturn-exposed-key")) fleet.aws.roles.put(role);
});
afterAll(() => fleet.close());

const user = () => keys.user();
function invoke(step: string, input: object) {
  return fleet.aws.functions.invoke(`keyturn-exposed-key-${step}`, input);
}
const invokeFor = (step: string) => (key: Exposed) => invoke(step, key);

/** Another account's, by its ID. */
const OTHERS = "AKIAY34FZKBOKMUTVV7A";

/** What people are told of a key, each time by another execution, so that its audit line goes on from those before. */
function telling({ user: name, accessKeyId }: Exposed) {
  const failed = [{ step: "DenySessions", what: "AccessDenied", cause: "" }];
  return invoke("notify-sns", {
    key: { accessKeyId, owner: "USER", user: name, done: ["DEACTIVATED"], failed },
    gone: { is: "INACTIVE", otherKeys: [], quarantine: [] },
    again: false,
    event: { code: "AWS_RISK_CREDENTIALS_EXPOSED" },
    execution: `arn:aws:states:us-east-1:000000000000:execution:keyturn-exposed-key:${randomUUID()}`,
    enteredAt: Date.now(),
  });
}

/** Between them these need every right. Each may be gone any number of times. */
const WAYS: Record<string, Way<unknown>> = {
  "an event comes": way({
    prepare: async () => healthEvent([], { code: "AWS_RISK_SOMETHING_NEW" }),
    act: (event) => invoke("receive-event", event),
    after: () => until(() => keys.started().every(({ status }) => status !== "RUNNING"), "the end of the execution"),
  }),
  "a user's key is read": way({ prepare: user, act: invokeFor("read-key") }),
  "another account's key is read": way({
    prepare: async () => ({}),
    act: () => invoke("read-key", { accessKeyId: OTHERS }),
  }),
  "a key is deactivated": way({ prepare: user, act: invokeFor("deactivate-key") }),
  "sessions are denied": way({
    prepare: user,
    act: ({ user: name }) => invoke("deny-sessions", { user: name, before: Date.now() }),
  }),
  "its use is looked up": way({
    prepare: user,
    act: ({ accessKeyId }) => invoke("look-up-use", { accessKeyId, regions: ["us-east-1"], from: 0 }),
  }),
  "a key is deleted": way({ prepare: user, act: invokeFor("delete-key") }),
  "it is confirmed that a key is gone": way({
    async prepare() {
      const key = await user();
      await invoke("deactivate-key", key);
      return key;
    },
    act: invokeFor("confirm-gone"),
  }),
  "people are told of a key for the second time": way({
    async prepare() {
      const key = await user();
      await telling(key);
      await fleet.forgetFindings();
      return key;
    },
    act: telling,
  }),
};

rightsSuite({ rights: rightsOf(isOfExposedKeys, anyArns([], ALL)), ways: WAYS, under: () => ({ fleet, arns, asked }) });

test.each([
  ["iam:DeleteAccessKey", { then: "deactivate" }],
  ["iam:PutUserPolicy", { denySessions: false }],
] as const)("nobody has the right to %s but where that is set", (action, change) => {
  const actions = (settings: ExposedKeySettings) =>
    rightsOf(isOfExposedKeys, anyArns([], settings)).map((right) => right.action);
  expect(actions(ALL)).toContain(action);
  expect(actions({ ...ALL, ...change })).not.toContain(action);
});
