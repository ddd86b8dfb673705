import { IAMClient } from "@aws-sdk/client-iam";
import { STSClient } from "@aws-sdk/client-sts";
import { describe, expect, test } from "vitest";
import { iamAccessKeys } from "../../../functions/clients/access-keys.iam.ts";
import { NOW } from "../support.ts";
import { answering, nameOf, type WireAnswer } from "./answering.ts";

// What the embedded AWS does not say of itself: other words for the same, pages, and refusals.

const KEY = "AKIAIOSFODNN7EXAMPLE";
const ACCOUNT = "000000000000";

const answer = (operation: string, result: string): WireAnswer => ({
  statusCode: 200,
  body: `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`,
});
const refused = (code: string, statusCode = 403, message = "It says why."): WireAnswer => ({
  statusCode,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
});

const NOT_HERE = `User: arn:aws:sts::${ACCOUNT}:assumed-role/any is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ${KEY}`;
const NO_RIGHT = `User: arn:aws:sts::${ACCOUNT}:assumed-role/any is not authorized to perform: iam:GetAccessKeyLastUsed on resource: user deployer because no identity-based policy allows the iam:GetAccessKeyLastUsed action`;

function keysIn({
  iam = [refused("InternalFailure", 500)],
  sts = [refused("InternalFailure", 500)],
}: {
  iam?: WireAnswer[];
  sts?: WireAnswer[];
}) {
  const asked: string[] = [];
  const clients = { iam: new IAMClient(answering(iam, asked)), sts: new STSClient(answering(sts, asked)) };
  return { asked, ...iamAccessKeys({ ...clients, account: ACCOUNT }) };
}

describe("whose a key is", () => {
  const used = (user: string, use = "<ServiceName>N/A</ServiceName><Region>N/A</Region>") =>
    answer("GetAccessKeyLastUsed", `${user}<AccessKeyLastUsed>${use}</AccessKeyLastUsed>`);
  const of = (account: string) => answer("GetAccessKeyInfo", `<Account>${account}</Account>`);
  const listed = (...ids: string[]) =>
    answer(
      "ListAccessKeys",
      `<AccessKeyMetadata>${ids.map((id) => `<member><AccessKeyId>${id}</AccessKeyId></member>`).join("")}</AccessKeyMetadata>`,
    );

  test("and when it was used last", async () => {
    const use =
      "<LastUsedDate>2026-11-20T03:00:00Z</LastUsedDate><ServiceName>s3</ServiceName><Region>eu-west-1</Region>";
    const { whose, asked } = keysIn({ iam: [used("<UserName>deployer</UserName>", use)] });
    const lastUse = { at: NOW, service: "s3", region: "eu-west-1" };
    expect(await whose(KEY)).toEqual({ owner: "USER", user: "deployer", lastUse });
    expect(asked).toHaveLength(1);
  });

  test("of one that was never used", async () => {
    const { whose } = keysIn({ iam: [used("<UserName>deployer</UserName>")] });
    expect(await whose(KEY)).toEqual({ owner: "USER", user: "deployer" });
  });

  test.each([
    "",
    ...["root", "<root_account>", ACCOUNT].map((name) => `<UserName>${name.replace(/</g, "&lt;")}</UserName>`),
  ])("is the root user where IAM names no user who has it: %s", async (user) => {
    for (const list of [listed(), refused("NoSuchEntity", 404), listed("AKIAI44QH8DHBEXAMPLE")]) {
      expect(await keysIn({ iam: [used(user), list] }).whose(KEY)).toEqual({ owner: "ROOT" });
    }
  });

  test("is a user who is named as the root user is, where he has it", async () => {
    const { whose } = keysIn({ iam: [used("<UserName>root</UserName>"), listed(KEY)] });
    expect(await whose(KEY)).toEqual({ owner: "USER", user: "root" });
  });

  test.each([
    ["NoSuchEntity", 404, ""],
    ["AccessDenied", 403, NOT_HERE],
    ["AccessDenied", 403, NO_RIGHT],
  ])("is another account where STS says so, whatever IAM says: %s", async (code, status, message) => {
    const { whose } = keysIn({ iam: [refused(code, status, message)], sts: [of("111122223333")] });
    expect(await whose(KEY)).toEqual({ owner: "OTHERS", account: "111122223333" });
  });

  test.each([
    ["NoSuchEntity", 404, ""],
    ["AccessDenied", 403, NOT_HERE],
  ])("is nobody where IAM has no such key of this account: %s", async (code, status, message) => {
    const iam = [refused(code, status, message)];
    expect(await keysIn({ iam, sts: [of(ACCOUNT)] }).whose(KEY)).toEqual({ owner: "NOBODY" });
    for (const unknown of ["ValidationError", "InvalidClientTokenId", "NoSuchEntity", "NoSuchEntityException"]) {
      expect(await keysIn({ iam, sts: [refused(unknown, 400)] }).whose(KEY)).toEqual({ owner: "NOBODY" });
    }
  });

  test.each([NO_RIGHT, `${NOT_HERE} with an explicit deny in a service control policy`])(
    "is not known where the right to ask is missing: it is said which: %s",
    async (message) => {
      const iam = [refused("AccessDenied", 403, message)];
      const { whose } = keysIn({ iam, sts: [of(ACCOUNT)] });
      const error = {
        name: "AccessDenied",
        message: expect.stringContaining(`its right iam:GetAccessKeyLastUsed on the access key ${KEY}`),
      };
      await expect(whose(KEY)).rejects.toThrow(expect.objectContaining(error));
      // That nobody has it would be told as if nobody could use it: for that, IAM has to say so.
      const unknown = keysIn({ iam, sts: [refused("ValidationError", 400)] });
      await expect(unknown.whose(KEY)).rejects.toThrow("its right iam:GetAccessKeyLastUsed");
      const blind = keysIn({ iam, sts: [refused("AccessDenied")] });
      await expect(blind.whose(KEY)).rejects.toThrow("its right sts:GetAccessKeyInfo on any key");
      const inOtherWords = keysIn({ iam: [refused("AccessDeniedException", 403, message)], sts: [of(ACCOUNT)] });
      await expect(inOtherWords.whose(KEY)).rejects.toThrow("its right iam:GetAccessKeyLastUsed");
    },
  );

  test.each([
    ["Throttling", 400],
    ["ServiceFailure", 500],
  ])("is asked again where AWS says %s", async (code, status) => {
    const busy = keysIn({ iam: [refused(code, status)], sts: [of("111122223333")] });
    expect(await nameOf(busy.whose(KEY))).toBe("TemporarilyUnavailable");
    expect(busy.asked).toHaveLength(1);
    const sts = [refused(code, status)];
    expect(await nameOf(keysIn({ iam: [refused("NoSuchEntity", 404)], sts }).whose(KEY))).toBe(
      "TemporarilyUnavailable",
    );
  });
});

describe("a refusal names the right that is missing, and throttling does not pass for one", () => {
  type Keys = ReturnType<typeof keysIn>;
  test.each<[string, (keys: Keys) => Promise<unknown>]>([
    ["iam:UpdateAccessKey", (keys) => keys.deactivate("deployer", KEY)],
    ["iam:DeleteAccessKey", (keys) => keys.remove("deployer", KEY)],
    ["iam:ListAccessKeys", (keys) => keys.keysOf("deployer")],
    ["iam:ListAttachedUserPolicies", (keys) => keys.policiesOf("deployer")],
    ["iam:PutUserPolicy", (keys) => keys.denySessions("deployer", NOW)],
  ])("%s", async (right, ask) => {
    const error = { name: "AccessDenied", message: expect.stringContaining(`${right} on the user deployer`) };
    await expect(ask(keysIn({ iam: [refused("AccessDenied")] }))).rejects.toThrow(expect.objectContaining(error));
    for (const [code, status] of [
      ["Throttling", 400],
      ["ServiceFailure", 500],
    ] as const) {
      expect(await nameOf(ask(keysIn({ iam: [refused(code, status)] })))).toBe("TemporarilyUnavailable");
    }
    expect(await nameOf(ask(keysIn({ iam: [refused("LimitExceeded", 409)] })))).toBe("LimitExceeded");
  });
});

test("all pages of keys and policies are read", async () => {
  const page = (operation: string, list: string, member: string, more: boolean) =>
    answer(
      operation,
      `<${list}><member>${member}</member></${list}><IsTruncated>${more}</IsTruncated>${more ? "<Marker>on</Marker>" : ""}`,
    );
  const key = (id: string, status: string) => `<AccessKeyId>${id}</AccessKeyId><Status>${status}</Status>`;
  const keys = keysIn({
    iam: [
      page("ListAccessKeys", "AccessKeyMetadata", key("AKIAIOSFODNN7EXAMPLE", "Active"), true),
      page("ListAccessKeys", "AccessKeyMetadata", key("AKIAI44QH8DHBEXAMPLE", "Inactive"), false),
    ],
  });
  expect(await keys.keysOf("deployer")).toEqual([
    { accessKeyId: "AKIAIOSFODNN7EXAMPLE", isActive: true },
    { accessKeyId: "AKIAI44QH8DHBEXAMPLE", isActive: false },
  ]);
  expect(keys.asked.map((body) => new URLSearchParams(body).get("Marker"))).toEqual([null, "on"]);
  const policies = keysIn({
    iam: [
      page("ListAttachedUserPolicies", "AttachedPolicies", "<PolicyName>one</PolicyName>", true),
      page("ListAttachedUserPolicies", "AttachedPolicies", "<PolicyName>other</PolicyName>", false),
    ],
  });
  expect(await policies.policiesOf("deployer")).toEqual(["one", "other"]);
});

test("the policy denies everything, and only to what was issued before the moment", async () => {
  const { denySessions, asked } = keysIn({ iam: [answer("PutUserPolicy", "")] });
  await denySessions("deployer", NOW);
  const sent = new URLSearchParams(asked[0]);
  expect([sent.get("UserName"), sent.get("PolicyName")]).toEqual(["deployer", "KeyturnDenySessionsIssuedBefore"]);
  const { Statement } = JSON.parse(sent.get("PolicyDocument") ?? "");
  const Condition = { DateLessThan: { "aws:TokenIssueTime": "2026-11-20T03:00:00.000Z" } };
  expect(Statement).toEqual([{ Effect: "Deny", Action: "*", Resource: "*", Condition }]);
});
