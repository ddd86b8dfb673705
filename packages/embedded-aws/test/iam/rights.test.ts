import { describe, expect, test } from "vitest";
import type { Principal, Question } from "../../src/http/service.ts";
import type { Condition, Context } from "../../src/iam/condition.ts";
import { type AuthorizationRecord, Rights } from "../../src/iam/rights.ts";
import { assumedRole } from "../../src/iam/role.ts";
import { compilePolicy, compileStatements, type ResourceStatement, type Statement } from "../../src/iam/statement.ts";
import { startAws } from "../../src/index.ts";
import { OPERATOR } from "../http/embedded.ts";

const STEP = assumedRole("lambda", { name: "step" }, "turn");
const INSTANCE = assumedRole("instance", { name: "step" }, "i-0a1b2c3d");
const EVENTS: Principal = { kind: "service", arn: "events.amazonaws.com", userId: "" };
const TABLE = (name: string) => `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`;
const OWN = "arn:aws:ec2:us-east-1:000000000000:instance/i-0a1b2c3d";

/** Rights in which the role `step` has these statements. */
function rightsOf(...statements: Statement[]): Rights {
  const rights = new Rights();
  rights.put({ name: "step", statements });
  return rights;
}

function allow(Action: string[], Resource = ["*"], Condition?: Condition): Statement {
  return { Effect: "Allow", Action, Resource, ...(Condition && { Condition }) };
}

/** A resource's policy of one statement. */
function policy(statement: Partial<ResourceStatement>) {
  const whole = { Effect: "Allow", Principal: "*", Action: ["sns:Publish"], Resource: ["*"], ...statement };
  return compilePolicy(JSON.stringify({ Version: "2012-10-17", Statement: whole }), "the test's policy");
}

const PUBLISH: Question = { action: "sns:Publish", resource: "arn:aws:sns:us-east-1:000000000000:alerts" };
const NOT_ALLOWED = "because no identity-based policy allows the";

test.each<[pattern: string, action: string, allowed: boolean]>([
  ["dynamodb:GetItem", "dynamodb:GetItem", true],
  ["DynamoDB:getitem", "dynamodb:GetItem", true],
  ["dynamodb:*", "dynamodb:GetItem", true],
  ["dynamodb:Get*", "dynamodb:GetItem", true],
  ["dynamodb:Get????", "dynamodb:GetItem", true],
  ["dynamodb:Get???", "dynamodb:GetItem", false],
  ["*", "dynamodb:GetItem", true],
  ["dynamodb:Get", "dynamodb:GetItem", false],
  ["dynamodb:PutItem", "dynamodb:GetItem", false],
])("the action %s stands for %s: %s", (pattern, action, allowed) => {
  const why = rightsOf(allow([pattern])).denial(STEP, { action, resource: "*" });
  expect(why === undefined).toBe(allowed);
});

test.each<[pattern: string, resource: string, allowed: boolean]>([
  [TABLE("a.b"), TABLE("a.b"), true],
  // A point is a point, and not any character.
  [TABLE("a.b"), TABLE("aXb"), false],
  [TABLE("a.b"), TABLE("a.bc"), false],
  [TABLE("c-*"), TABLE("c-1"), true],
  [TABLE("c-?"), TABLE("c-12"), false],
  [TABLE("*"), "*", false],
  ["*", "*", true],
])("the resource %s stands for %s: %s", (pattern, resource, allowed) => {
  const why = rightsOf(allow(["dynamodb:GetItem"], [pattern])).denial(STEP, { action: "dynamodb:GetItem", resource });
  expect(why === undefined).toBe(allowed);
});

const TIME = "aws:TokenIssueTime";
const CONTEXT = "kms:EncryptionContextKeys";
test.each<[operator: string, key: string, value: string | string[], context: Context, holds: boolean]>([
  ["StringEquals", "kms:MacAlgorithm", "HMAC_SHA_256", { "kms:MacAlgorithm": "HMAC_SHA_256" }, true],
  ["StringEquals", "kms:MacAlgorithm", ["A", "B"], { "kms:MacAlgorithm": "B" }, true],
  ["StringEquals", "kms:MacAlgorithm", "HMAC_SHA_256", { "kms:MacAlgorithm": "hmac_sha_256" }, false],
  ["StringEquals", "kms:MacAlgorithm", "HMAC_SHA_256", {}, false],
  ["StringNotEquals", "kms:MacAlgorithm", "A", { "kms:MacAlgorithm": "A" }, false],
  ["StringNotEquals", "kms:MacAlgorithm", "A", {}, true],
  ["StringLike", "ssm:resourceTag/team", "k*", { "ssm:resourceTag/team": "keys" }, true],
  ["StringLike", "ssm:resourceTag/team", "k?", { "ssm:resourceTag/team": "keys" }, false],
  ["StringLike", "ssm:resourceTag/team", "*", {}, false],
  ["ArnEquals", "aws:SourceArn", TABLE("a"), { "aws:SourceArn": TABLE("a") }, true],
  ["ArnLike", "aws:SourceArn", TABLE("*"), { "aws:SourceArn": TABLE("a:b") }, true],
  ["ArnLike", "aws:SourceArn", "arn:aws:*:*:*:table/a", { "aws:SourceArn": TABLE("a") }, true],
  // A star before the resource does not reach over a colon.
  ["ArnLike", "aws:SourceArn", "arn:*:table/a", { "aws:SourceArn": TABLE("a") }, false],
  ["ArnLike", "aws:SourceArn", TABLE("*"), {}, false],
  ["ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::000000000000:role/st*", {}, false],
  ["ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::000000000000:role/other", {}, true],
  ["Bool", "lambda:InvokedViaFunctionUrl", "true", { "lambda:InvokedViaFunctionUrl": "true" }, true],
  ["Bool", "lambda:InvokedViaFunctionUrl", "true", { "lambda:InvokedViaFunctionUrl": "false" }, false],
  ["Bool", "lambda:InvokedViaFunctionUrl", "true", {}, false],
  ["Bool", "aws:SecureTransport", "true", {}, true],
  ["Null", "kms:EncryptionContext:id", "false", { "kms:EncryptionContext:id": "x" }, true],
  ["Null", "kms:EncryptionContext:id", "false", {}, false],
  ["Null", "kms:EncryptionContext:id", "true", {}, true],
  ["DateLessThan", TIME, "2026-11-20T09:00:01Z", { [TIME]: "2026-11-20T09:00:00Z" }, true],
  ["DateLessThan", TIME, "2026-11-20T09:00:00Z", { [TIME]: "2026-11-20T09:00:00Z" }, false],
  ["DateLessThan", TIME, "2026-11-20T09:00:00.001Z", { [TIME]: "2026-11-20T09:00:00Z" }, true],
  ["DateLessThan", TIME, ["2026-11-20", "2026-11-21"], { [TIME]: "2026-11-20T09:00:00Z" }, true],
  ["DateLessThan", TIME, "1795165201", { [TIME]: "2026-11-20T09:00:00Z" }, true],
  ["DateLessThan", TIME, "2026-11-20T09:00:01Z", {}, false],
  ["DateLessThanEquals", TIME, "2026-11-20T10:00:00+01:00", { [TIME]: "2026-11-20T09:00:00Z" }, true],
  ["DateGreaterThan", TIME, "2026-11-20T08:59:59Z", { [TIME]: "2026-11-20T09:00:00Z" }, true],
  ["DateGreaterThan", TIME, "2026-11-20T09:00:00Z", { [TIME]: "2026-11-20T09:00:00Z" }, false],
  ["DateGreaterThanEquals", TIME, "2026-11-20T09:00:00Z", { [TIME]: "2026-11-20T09:00:00Z" }, true],
  ["ForAllValues:StringEquals", CONTEXT, ["id", "use"], { [CONTEXT]: ["use", "id"] }, true],
  ["ForAllValues:StringEquals", CONTEXT, ["id", "use"], { [CONTEXT]: ["id", "other"] }, false],
  ["ForAllValues:StringEquals", CONTEXT, ["id", "use"], {}, true],
])("%s of %s %j in %j: %s", (operator, key, value, context, holds) => {
  const rights = rightsOf(allow(["kms:Decrypt"], ["*"], { [operator]: { [key]: value } }));
  expect(rights.denial(STEP, { action: "kms:Decrypt", resource: "*", context }) === undefined).toBe(holds);
});

describe("a condition of the calling instance", () => {
  const own = { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": "${ec2:SourceInstanceARN}" } };
  const put = (principal: Principal, ...keys: string[]) =>
    rightsOf(allow(["dynamodb:PutItem"], ["*"], own)).denial(principal, {
      ...{ action: "dynamodb:PutItem", resource: TABLE("samples"), context: { "dynamodb:LeadingKeys": keys } },
    });

  test("holds for its own alone", () => {
    expect(put(INSTANCE, OWN)).toBeUndefined();
    expect(put(INSTANCE, `${OWN}e`)).toContain(NOT_ALLOWED);
    expect(put(INSTANCE, OWN, `${OWN}e`)).toContain(NOT_ALLOWED);
  });

  test("holds for nobody who is no instance, whatever he names", () => {
    expect(put(STEP, OWN)).toContain(NOT_ALLOWED);
    expect(put(STEP)).toContain(NOT_ALLOWED);
  });
});

test.each<[what: string, statement: object, sentence: string]>([
  ["operator", { Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }, "no condition operator IpAddress"],
  ["set operator", { Condition: { "ForAnyValue:StringLike": {} } }, "no condition operator ForAnyValue:StringLike"],
  ["condition key", { Condition: { StringEquals: { "aws:SourceVpc": "x" } } }, "no condition key aws:SourceVpc"],
  [
    "time",
    { Condition: { DateLessThan: { "aws:TokenIssueTime": "soon" } } },
    "cannot compare aws:TokenIssueTime by soon",
  ],
  ["variable", { Condition: { StringEquals: { "kms:ViaService": "${aws:username}" } } }, "no variable in"],
  ["variable in a resource", { Resource: ["arn:${x}"] }, "no variable in"],
  ["member", { NotAction: ["kms:*"] }, "does not know NotAction"],
  ["principal in a role", { Principal: "*" }, "does not know Principal"],
  ["effect", { Effect: "Perhaps" }, "does not know the Effect Perhaps"],
  ["empty action", { Action: [] }, "needs an Action and a Resource"],
])("an unknown %s is refused when the role is put, so that it is not passed over", (_, member, sentence) => {
  const statement = { ...allow(["kms:Decrypt"]), ...member } as Statement;
  expect(() => rightsOf(statement)).toThrow("The embedded AWS cannot enforce the role step: ");
  expect(() => rightsOf(statement)).toThrow(sentence);
});

test("the role of the instances is looked at at the start", async () => {
  const statements = [allow(["kms:Decrypt"], ["*"], { StringEquals: { "aws:SourceVpc": "x" } })];
  const instanceRole = { name: "Some", statements };
  await expect(startAws({ folder: "/nowhere", instanceRole })).rejects.toThrow("no condition key aws:SourceVpc");
});

describe("who is held", () => {
  test("without a role nobody but instances; from the first one on everybody but the operator", () => {
    const rights = new Rights();
    rights.putForInstances({ name: "other", statements: [allow(["*"])] });
    expect(rights.denial(STEP, PUBLISH)).toBeUndefined();
    expect(rights.denial(EVENTS, PUBLISH)).toBeUndefined();
    expect(rights.denial(INSTANCE, PUBLISH)).toContain(NOT_ALLOWED);
    rights.put({ name: "other", statements: [allow(["*"])] });
    expect(rights.denial(STEP, PUBLISH)).toBe(
      `User: ${STEP.arn} is not authorized to perform: sns:Publish on resource: ${PUBLISH.resource} ` +
        "because no identity-based policy allows the sns:Publish action",
    );
    expect(rights.denial(EVENTS, PUBLISH)).toContain("because no resource-based policy allows the sns:Publish action");
    expect(rights.denial(OPERATOR, PUBLISH)).toBeUndefined();
  });

  test("each authorisation is told", () => {
    const told: AuthorizationRecord[] = [];
    const rights = new Rights((record) => told.push(record));
    rights.put({ name: "step", statements: [allow(["sns:Publish"])] });
    rights.denial(STEP, PUBLISH);
    rights.denial(STEP, { action: "kms:Decrypt", resource: "*" });
    expect(told).toEqual([
      { principal: STEP, ...PUBLISH, allowed: true },
      { principal: STEP, action: "kms:Decrypt", resource: "*", allowed: false },
    ]);
  });
});

test("a user is held to his own policies, and has nothing of a role of his name", () => {
  const ann: Principal = { kind: "user", arn: "arn:aws:iam::000000000000:user/step", userId: "AIDA" };
  const rights = rightsOf(allow(["*"]));
  expect(rights.denial(ann, PUBLISH)).toContain(NOT_ALLOWED);
  const byRole = policy({ Principal: { AWS: ["arn:aws:iam::000000000000:role/step"] } });
  expect(rights.denial(ann, { ...PUBLISH, policy: byRole })).toContain(NOT_ALLOWED);
  expect(rights.denial(ann, { ...PUBLISH, policy: policy({ Principal: { AWS: [ann.arn] } }) })).toBeUndefined();
  const Condition = { ArnEquals: { "aws:PrincipalArn": ann.arn } };
  rights.putUser(ann.arn, compileStatements([allow(["sns:Publish"], ["*"], Condition)], "role", "the policy p"));
  expect(rights.denial(ann, PUBLISH)).toBeUndefined();
  rights.removeUser(ann.arn);
  expect(rights.denial(ann, PUBLISH)).toContain(NOT_ALLOWED);
});

describe("identity and resource", () => {
  const mayPublish = allow(["sns:Publish"]);
  const deny: Statement = { ...mayPublish, Effect: "Deny" };
  const role = "arn:aws:iam::000000000000:role/step";
  const root = { AWS: ["arn:aws:iam::000000000000:root"] };
  const byRole = (Effect: "Allow" | "Deny") => policy({ Effect, Principal: { AWS: [role] } });

  test.each<[what: string, statements: Statement[], question: Partial<Question>, why: string | undefined]>([
    ["the role allows", [mayPublish], {}, undefined],
    ["neither allows", [], { policy: policy({ Principal: { AWS: [`${role}s`] } }) }, NOT_ALLOWED],
    ["the resource allows the role", [], { policy: byRole("Allow") }, undefined],
    ["the resource allows the session", [], { policy: policy({ Principal: { AWS: [STEP.arn] } }) }, undefined],
    ["the resource allows everybody", [], { policy: policy({ Principal: { AWS: ["*"] } }) }, undefined],
    ["the resource leaves it to the account", [], { policy: policy({ Principal: root }) }, NOT_ALLOWED],
    ["the role denies", [mayPublish, deny], {}, "with an explicit deny in an identity-based policy"],
    [
      "the resource denies",
      [mayPublish],
      { policy: byRole("Deny") },
      "with an explicit deny in a resource-based policy",
    ],
    [
      "the resource denies the account",
      [mayPublish],
      { policy: policy({ Effect: "Deny", Principal: root }) },
      "with an explicit deny in a resource-based policy",
    ],
    ["the role allows and the key says nothing", [mayPublish], { alone: true }, "no resource-based policy allows"],
    [
      "the role allows and the key leaves it",
      [mayPublish],
      { alone: true, policy: policy({ Principal: root }) },
      undefined,
    ],
    ["the key allows the role", [], { alone: true, policy: byRole("Allow") }, undefined],
    ["the key leaves it and the role is silent", [], { alone: true, policy: policy({ Principal: root }) }, NOT_ALLOWED],
  ])("%s", (_, statements, question, why) => {
    const denial = rightsOf(...statements).denial(STEP, { ...PUBLISH, ...question });
    if (why === undefined) expect(denial).toBeUndefined();
    else expect(denial).toContain(why);
  });

  test("a service needs the resource's policy to name it, and the source that it asks for", () => {
    const source = "arn:aws:events:us-east-1:000000000000:rule/r";
    const forRule = policy({
      Principal: { Service: ["events.amazonaws.com"] },
      Condition: { ArnEquals: { "aws:SourceArn": source } },
    });
    const ask = (own: Question["policy"], context: Context = {}) =>
      rightsOf(mayPublish).denial(EVENTS, { ...PUBLISH, context, ...(own && { policy: own }) });
    expect(ask(undefined)).toContain("no resource-based policy");
    expect(ask(policy({ Principal: root }))).toContain("no resource-based policy");
    expect(ask(forRule)).toContain("no resource-based policy");
    expect(ask(forRule, { "aws:SourceArn": `${source}2` })).toContain("no resource-based policy");
    expect(ask(forRule, { "aws:SourceArn": source })).toBeUndefined();
  });

  test("a policy without a principal, or of an unknown kind of principal, is refused", () => {
    const statement = { Effect: "Allow", Action: "sns:Publish", Resource: "*" };
    expect(() => compilePolicy(JSON.stringify({ Statement: [statement] }), "the topic")).toThrow("names no Principal");
    expect(() => policy({ Principal: { Federated: ["x"] } as never })).toThrow("no principals of the kind Federated");
    expect(() => compilePolicy("{", "the topic")).toThrow("is not JSON");
  });
});

test("a Deny of an action that is asked about everything holds whatever it is of", () => {
  const rights = rightsOf(allow(["ec2:*"]), {
    Effect: "Deny",
    Action: ["ec2:StopInstances"],
    Resource: ["arn:aws:ec2:*:*:instance/*"],
  });
  expect(rights.denial(STEP, { action: "ec2:StopInstances", resource: "*" })).toContain("explicit deny");
  expect(rights.denial(STEP, { action: "ec2:StartInstances", resource: "*" })).toBeUndefined();
});

test("before the resource, a * in a condition's ARN does not reach over a colon", () => {
  const only = (arn: string) => rightsOf(allow(["sns:Publish"], ["*"], { ArnLike: { "aws:SourceArn": arn } }));
  const asked = (SourceArn: string): Question => ({ ...PUBLISH, context: { "aws:SourceArn": SourceArn } });
  const longer = "arn:aws:events:us-east-1:x:000000000000:rule/a";
  expect(only("arn:aws:events:*:000000000000:rule/a").denial(STEP, asked(longer))).toBeDefined();
  const plain = "arn:aws:events:us-east-1:000000000000:rule/a";
  expect(only("arn:aws:events:*:000000000000:rule/a").denial(STEP, asked(plain))).toBeUndefined();
});
