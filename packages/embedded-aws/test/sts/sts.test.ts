import { DeleteAccessKeyCommand, DeleteUserCommand, GetUserCommand, UpdateAccessKeyCommand } from "@aws-sdk/client-iam";
import { ListKeysCommand } from "@aws-sdk/client-kms";
import { GetAccessKeyInfoCommand, GetCallerIdentityCommand, GetSessionTokenCommand } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { ACCOUNT } from "../../src/index.ts";
import { ALL, startAccount } from "../account.ts";

const UserName = "ann";
const ARN = `arn:aws:iam::${ACCOUNT}:user/ann`;
const INVALID = {
  ...{ name: "InvalidClientTokenId", message: "The security token included in the request is invalid." },
};
/** Denies everything to what was issued before a moment, as AWS's console does. @param before milliseconds since 1970 */
const denyBefore = (before: number) => ({
  ...{ Effect: "Deny", Action: "*", Resource: "*" },
  Condition: { DateLessThan: { "aws:TokenIssueTime": new Date(before).toISOString() } },
});

// An instance of this AWS may do nothing at all; that much it is told nonetheless, as on AWS.
test("GetCallerIdentity tells everybody who he is", async () => {
  const { aws, operator, clientsOf, newUser, sessionOf } = await startAccount();
  const who = async ({ sts }: typeof operator) => {
    const { Account, Arn, UserId } = await sts.send(new GetCallerIdentityCommand({}));
    expect(Account).toBe(ACCOUNT);
    return [Arn, UserId];
  };
  expect(await who(operator)).toEqual([`arn:aws:iam::${ACCOUNT}:user/operator`, "AIDAOPERATOR"]);
  expect(await who(clientsOf(aws.credentialsOf("i-1")))).toEqual([
    `arn:aws:sts::${ACCOUNT}:assumed-role/Instance/i-1`,
    "AROAINSTANCE000000001:i-1",
  ]);
  const ann = await newUser("ann");
  const [arn, id] = await who(clientsOf(ann));
  expect(arn).toBe(ARN);
  expect(await who(clientsOf(await sessionOf(ann)))).toEqual([ARN, id]);
});

test("a user's session is held to his policies, and needs its own token", async () => {
  const { clientsOf, newUser, sessionOf, allow } = await startAccount();
  const session = await sessionOf(await newUser("ann"));
  expect(session.accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
  const { kms } = clientsOf(session);
  await expect(kms.send(new ListKeysCommand({}))).rejects.toMatchObject({ name: "AccessDeniedException" });
  await allow("ann", ALL);
  await kms.send(new ListKeysCommand({}));
  const { sts } = clientsOf({ ...session, sessionToken: "other" });
  await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject(INVALID);
});

test("a session works on when the key with which it was drawn does not any more, until a deny reaches it", async () => {
  const { operator, clientsOf, newUser, sessionOf, allow, clock } = await startAccount();
  const ann = await newUser("ann", ALL);
  const old = clientsOf(await sessionOf(ann));
  const deactivate = new UpdateAccessKeyCommand({ UserName, AccessKeyId: ann.accessKeyId, Status: "Inactive" });
  await operator.iam.send(deactivate);
  await expect(sessionOf(ann)).rejects.toMatchObject(INVALID);
  await old.kms.send(new ListKeysCommand({}));
  await clock.move(2000);
  await allow("ann", denyBefore(clock.now()), "deny");
  await expect(old.kms.send(new ListKeysCommand({}))).rejects.toMatchObject({
    name: "AccessDeniedException",
    message:
      `User: ${ARN} is not authorized to perform: kms:ListKeys on resource: * ` +
      "with an explicit deny in an identity-based policy",
  });
});

test("the sessions of a user who is deleted end, and are not those of another one of his name", async () => {
  const { operator, clientsOf, newUser, sessionOf } = await startAccount();
  const ann = await newUser("ann");
  const { sts } = clientsOf(await sessionOf(ann));
  await operator.iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: ann.accessKeyId }));
  await sts.send(new GetCallerIdentityCommand({}));
  await operator.iam.send(new DeleteUserCommand({ UserName }));
  await newUser("ann", ALL);
  await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject(INVALID);
});

test("a deny of what was issued before reaches no long-term key, and no later session", async () => {
  const { clientsOf, newUser, sessionOf, allow, clock } = await startAccount();
  const ann = await newUser("ann", ALL);
  await clock.move(2000);
  await allow("ann", denyBefore(clock.now()), "deny");
  await clientsOf(ann).kms.send(new ListKeysCommand({}));
  await clock.move(1000);
  await clientsOf(await sessionOf(ann)).kms.send(new ListKeysCommand({}));
});

test("a session ends when it was said", async () => {
  const { clientsOf, newUser, clock, folder, close } = await startAccount();
  const ann = await newUser("ann", ALL);
  const { Credentials } = await clientsOf(ann).sts.send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
  expect(Credentials?.Expiration).toEqual(new Date(Math.floor(clock.now() / 1000) * 1000 + 900_000));
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
  const keys = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  await clock.move(899_000);
  await close();
  const again = await startAccount({ folder, clock });
  const { kms, sts } = again.clientsOf(keys);
  await kms.send(new ListKeysCommand({}));
  await clock.move(1000);
  const message = "The security token included in the request is expired";
  await expect(kms.send(new ListKeysCommand({}))).rejects.toMatchObject({ name: "ExpiredTokenException", message });
  await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: "ExpiredToken", message });
  const short = again.clientsOf(ann).sts.send(new GetSessionTokenCommand({ DurationSeconds: 899 }));
  await expect(short).rejects.toMatchObject({ name: "ValidationError" });
});

test("with a session nobody draws another one, nor calls IAM or STS", async () => {
  const { aws, clientsOf, newUser, sessionOf } = await startAccount();
  const keys = await sessionOf(await newUser("ann", ALL));
  const { iam, sts } = clientsOf(keys);
  const denied = (operation: string) => ({
    ...{ name: "AccessDenied", message: `Cannot call ${operation} with session credentials` },
    $metadata: { httpStatusCode: 403 },
  });
  await expect(sts.send(new GetSessionTokenCommand({}))).rejects.toMatchObject(denied("GetSessionToken"));
  const info = new GetAccessKeyInfoCommand({ AccessKeyId: keys.accessKeyId });
  await expect(sts.send(info)).rejects.toMatchObject(denied("GetAccessKeyInfo"));
  await expect(iam.send(new GetUserCommand({ UserName }))).rejects.toMatchObject(INVALID);
  await expect(sessionOf(aws.credentialsOf("i-1"))).rejects.toMatchObject(denied("GetSessionToken"));
});

test("GetAccessKeyInfo tells whose account a key is of, by the key's ID, with the right to ask", async () => {
  const { operator, clientsOf, newUser, allow } = await startAccount();
  const ann = await newUser("ann");
  const of = async (AccessKeyId: string, { sts } = operator) =>
    (await sts.send(new GetAccessKeyInfoCommand({ AccessKeyId }))).Account;
  const mine = clientsOf(ann);
  await expect(of(ann.accessKeyId, mine)).rejects.toMatchObject({
    ...{ name: "AccessDenied", $metadata: { httpStatusCode: 403 } },
    message: expect.stringContaining("because no identity-based policy allows the sts:GetAccessKeyInfo action"),
  });
  await allow("ann", { Effect: "Allow", Action: "sts:GetAccessKeyInfo", Resource: "*" });
  expect(await of(ann.accessKeyId, mine)).toBe(ACCOUNT);
  // One that is not here, as an ID tells its account on AWS.
  expect(await of("ASIAQNZGKIQY56JQ7WML")).toBe("029608264753");
  const unknown = { name: "ValidationError", message: "The access key AKIAIOSFODNN7EXAMPLE does not exist." };
  await expect(of("AKIAIOSFODNN7EXAMPLE")).rejects.toMatchObject(unknown);
});
