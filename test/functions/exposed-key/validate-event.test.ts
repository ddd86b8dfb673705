import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { HEALTH_CODES } from "../../../events/index.ts";
import { validateEvent } from "../../../functions/exposed-key/validate-event/step.ts";
import { NOW } from "../support.ts";
import { EXPOSED_SETTINGS, exposedWorld, KEY, LOST_KEY, OTHER_KEY } from "./support.ts";

const sample = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../events/samples/${name}.json`, import.meta.url), "utf8"));

const validate = (event: unknown) => validateEvent(event, exposedWorld());

/** AWS Health's event about these entities. */
function health(values: unknown[], detail: object = {}) {
  const event = sample("health-risk");
  const affectedEntities = values.map((entityValue) => ({ entityValue }));
  return { ...event, detail: { ...event.detail, affectedEntities, ...detail } };
}

const keyOf = (n: number) => `AKIA${String(n).padStart(16, "0")}`;

test("says what is to be done, as the settings have it", async () => {
  const { lookBackHours, ...orders } = EXPOSED_SETTINGS;
  expect(await validate(sample("health-risk"))).toEqual({
    ...{ code: "AWS_RISK_CREDENTIALS_EXPOSED", isKnown: true, keys: [{ accessKeyId: KEY }] },
    ...{ unfit: [], unfitCount: 0, beyond: 0 },
    ...{ ...orders, from: NOW - lookBackHours * 3600_000 },
  });
});

describe("AWS Health's event", () => {
  test.each(HEALTH_CODES)("of the type %s names exposed keys", async (eventTypeCode) => {
    expect(await validate(health([KEY], { eventTypeCode }))).toMatchObject({ code: eventTypeCode, isKnown: true });
  });

  test.each(["AWS_RISK_SOMETHING_NEW", "aws_risk_credentials_exposed", ""])(
    "of the type '%s' is not known, and names nothing that would be shut",
    async (eventTypeCode) => {
      const said = await validate(health([KEY, "no key"], { eventTypeCode }));
      expect(said).toMatchObject({ code: eventTypeCode || "nothing", isKnown: false, keys: [], unfit: [] });
    },
  );

  test("is read where it was pasted without what stands around it", async () => {
    const { detail } = health([KEY]);
    expect(await validate({ detail })).toMatchObject({ isKnown: true, keys: [{ accessKeyId: KEY }] });
  });

  test("about another account goes on: whose a key is, IAM says", async () => {
    const event = health([KEY], { affectedAccount: "111122223333" });
    expect(await validate(event)).toMatchObject({ keys: [{ accessKeyId: KEY }] });
  });

  test("without entities names no key", async () => {
    for (const affectedEntities of [[], undefined]) {
      expect(await validate(health([], { affectedEntities }))).toMatchObject({
        isKnown: true,
        keys: [],
        unfitCount: 0,
      });
    }
  });

  test("has each key looked at once, in its order", async () => {
    const { keys } = await validate(health([OTHER_KEY, KEY, OTHER_KEY, KEY, LOST_KEY]));
    expect(keys.map(({ accessKeyId }) => accessKeyId)).toEqual([OTHER_KEY, KEY, LOST_KEY]);
  });

  test("has what is no key told to the letter, each once, and the keys beside it shut", async () => {
    const odd = [
      ` ${KEY}`,
      KEY.toLowerCase(),
      `${KEY}\n`,
      "UNKNOWN",
      7,
      null,
      {},
      "x".repeat(500),
      "A\u202eB",
      "UNKNOWN",
    ];
    const { keys, unfit, unfitCount } = await validate(health([...odd, KEY]));
    expect(keys).toEqual([{ accessKeyId: KEY }]);
    expect(unfit).toEqual([
      ...[` ${KEY}`, KEY.toLowerCase(), `${KEY}?`, "UNKNOWN", "7", "null", "{}", "x".repeat(60), "A?B"],
    ]);
    expect(unfitCount).toBe(9);
  });

  test("has an entity that is malformed told of as well", async () => {
    const event = health([], { affectedEntities: [KEY, null, {}, { entityValue: OTHER_KEY }] });
    expect(await validate(event)).toMatchObject({ keys: [{ accessKeyId: OTHER_KEY }], unfit: ["nothing"] });
  });

  test("may name a hundred keys, none of them twice; the rest is counted, and so is what is no key", async () => {
    const keys = Array.from({ length: 103 }, (_, n) => keyOf(n));
    const odd = Array.from({ length: 25 }, (_, n) => `odd ${n}`);
    const said = await validate(health([...odd, ...keys, ...keys]));
    expect(said).toMatchObject({ beyond: 3, unfitCount: 25, unfit: odd.slice(0, 20) });
    expect(said.keys.map(({ accessKeyId }) => accessKeyId)).toEqual(keys.slice(0, 100));
    expect(await validate(health(keys.slice(0, 100)))).toMatchObject({ beyond: 0 });
  });

  test("whose code is odd has it cut and made printable", async () => {
    const { code } = await validate(health([], { eventTypeCode: `A\n${"x".repeat(500)}` }));
    expect(code).toBe(`A?${"x".repeat(98)}`);
  });
});

test("one entity that is nested however deep keeps no key from being shut", async () => {
  const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
  const event = sample("health-risk");
  const affectedEntities = [{ entityValue: deep }, { entityValue: KEY }];
  const { keys, unfitCount } = await validate({ ...event, detail: { ...event.detail, affectedEntities } });
  expect([keys, unfitCount]).toEqual([[{ accessKeyId: KEY }], 1]);
});

describe("GuardDuty's finding", () => {
  const finding = (details?: object) => {
    const event = sample("guard-duty-finding");
    return {
      ...event,
      detail: { ...event.detail, resource: { resourceType: "AccessKey", accessKeyDetails: details } },
    };
  };

  test("claims whose key it is", async () => {
    expect(await validate(sample("guard-duty-finding"))).toMatchObject({
      ...{ code: "UnauthorizedAccess:IAMUser/MaliciousIPCaller", isKnown: true },
      keys: [{ accessKeyId: KEY, claimedUser: "deployer" }],
    });
  });

  test.each(["Root", "AssumedRole", "AWSAccount", 7, undefined])("of a %s names no user", async (userType) => {
    const event = finding({ accessKeyId: KEY, userName: "deployer", userType });
    expect(await validate(event)).toMatchObject({ keys: [{ accessKeyId: KEY }], isKnown: true });
    expect((await validate(event)).keys[0]).not.toHaveProperty("claimedUser");
  });

  test.each(["a b", "x".repeat(65), 7, null])("whose user is named %o names none", async (userName) => {
    const { keys } = await validate(finding({ accessKeyId: KEY, userName, userType: "IAMUser" }));
    expect(keys).toEqual([{ accessKeyId: KEY }]);
  });

  test("about no key is not known", async () => {
    expect(await validate(finding())).toMatchObject({ isKnown: false, keys: [] });
    expect(await validate(finding({ userName: "deployer" }))).toMatchObject({ isKnown: true, keys: [] });
  });

  test("that GuardDuty has made up names no key", async () => {
    const said = await validate(finding({ accessKeyId: "GeneratedFindingAccessKeyId" }));
    expect(said).toMatchObject({ keys: [], unfit: ["GeneratedFindingAccessKeyId"] });
  });
});

describe("the project's own event", () => {
  test("names one key", async () => {
    expect(await validate(sample("access-key-exposed"))).toMatchObject({
      ...{ code: "Access Key Exposed", isKnown: true, keys: [{ accessKeyId: KEY }] },
    });
  });

  test("with what is no key is told of", async () => {
    expect(await validate({ detail: { accessKeyId: "secret?" } })).toMatchObject({ keys: [], unfit: ["secret?"] });
  });
});

test.each([
  ...[undefined, null, "text", 7, [], {}, { detail: null }, { detail: "text" }, { detail: {} }],
  { detail: { eventTypeCode: 7, service: "RISK", eventTypeCategory: "issue" } },
  { detail: { eventTypeCode: "AWS_RISK_CREDENTIALS_EXPOSED", affectedEntities: KEY } },
  { detail: { type: 7, resource: {} } },
  { detail: { type: "any", resource: null } },
])("%o is no event, and it is said what is one", async (event) => {
  await expect(validate(event)).rejects.toThrow(
    expect.objectContaining({ name: "InvalidInput", message: expect.stringContaining("must be a whole event") }),
  );
});
