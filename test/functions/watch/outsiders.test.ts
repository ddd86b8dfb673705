import { expect, test } from "vitest";
import { outsidersOf } from "../../../functions/watch/outsiders.ts";

const OWN = "000000000000";
const OTHER = "111111111111";

const policyOf = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const allow = (Principal: unknown, more: object = {}) => ({
  ...{ Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: "*", Principal },
  ...more,
});

test.each<[string, object, string[]]>([
  ["anybody", allow("*"), ["*"]],
  ["anybody of AWS", allow({ AWS: "*" }), ["*"]],
  ["another account", allow({ AWS: OTHER }), [OTHER]],
  ["another account's root", allow({ AWS: `arn:aws:iam::${OTHER}:root` }), [`arn:aws:iam::${OTHER}:root`]],
  ["one of several", allow({ AWS: [OWN, `arn:aws:iam::${OTHER}:role/x`] }), [`arn:aws:iam::${OTHER}:role/x`]],
  ["a canonical user", allow({ CanonicalUser: "a".repeat(64) }), ["a".repeat(64)]],
  ["all but some", { Effect: "Allow", Action: "*", Resource: "*", NotPrincipal: { AWS: OWN } }, ["*"]],
  ["anybody, under a condition", allow("*", { Condition: { Bool: { "aws:SecureTransport": "true" } } }), ["*"]],
])("outside is %s", (_, statement, outsiders) => {
  expect(outsidersOf(policyOf(statement), OWN)).toEqual(outsiders);
});

test.each<[string, object]>([
  ["the own account", allow({ AWS: OWN })],
  ["a role of the own account", allow({ AWS: `arn:aws-cn:iam::${OWN}:role/x` })],
  ["a service of AWS", allow({ Service: "lambda.amazonaws.com" })],
  ["somebody who was deleted", allow({ AWS: "AROAEXAMPLEEXAMPLEXYZ" })],
  ["whoever is denied", { ...allow("*"), Effect: "Deny" }],
])("not outside is %s", (_, statement) => {
  expect(outsidersOf(policyOf(statement), OWN)).toEqual([]);
});

test("each is named once, of one statement or of many", () => {
  const [one, other] = [allow("*"), allow({ AWS: [OTHER, "*"] })];
  expect(outsidersOf(policyOf(one, other, one), OWN)).toEqual(["*", OTHER]);
  expect(outsidersOf(JSON.stringify({ Statement: one }), OWN)).toEqual(["*"]);
  expect(outsidersOf("{}", OWN)).toEqual([]);
});

test.each(["", "{", "[1]", "null", '{"Statement":[null]}', '{"Statement":"x"}'])(
  "what is no policy is an error that does not repeat it: %s",
  (policy) => {
    if (policy === "[1]") expect(outsidersOf(policy, OWN)).toEqual([]);
    else expect(() => outsidersOf(policy, OWN)).toThrow(/^Its resource policy cannot be read/);
  },
);
