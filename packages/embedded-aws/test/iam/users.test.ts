import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  ListAccessKeysCommand,
  ListAttachedUserPoliciesCommand,
  ListUserPoliciesCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { ListKeysCommand } from "@aws-sdk/client-kms";
import { ListSecretsCommand } from "@aws-sdk/client-secrets-manager";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { ACCOUNT } from "../../src/index.ts";
import { ALL, startAccount } from "../account.ts";

const UserName = "ann";
const ARN = `arn:aws:iam::${ACCOUNT}:user/ann`;
const QUARANTINE = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";
const ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess";
const DENIED = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };
const noSuch = (message: string) => ({ name: "NoSuchEntityException", message, $metadata: { httpStatusCode: 404 } });
const NO_ANN = noSuch("The user with name ann cannot be found.");

test("a user is made once, described, and deleted when nothing is left of him", async () => {
  const { operator } = await startAccount();
  const { iam } = operator;
  await expect(iam.send(new GetUserCommand({ UserName }))).rejects.toMatchObject(NO_ANN);
  const { User } = await iam.send(new CreateUserCommand({ UserName }));
  expect(User).toMatchObject({ UserName, Arn: ARN, Path: "/", UserId: expect.stringMatching(/^AIDA[A-Z2-7]{16}$/) });
  expect((await iam.send(new GetUserCommand({ UserName }))).User).toEqual(User);
  await expect(iam.send(new CreateUserCommand({ UserName }))).rejects.toMatchObject({
    ...{ name: "EntityAlreadyExistsException", message: "User with name ann already exists." },
  });

  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const PolicyDocument = JSON.stringify({ Statement: ALL });
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "may", PolicyDocument }));
  await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: ADMINISTRATOR }));
  const remove = () => iam.send(new DeleteUserCommand({ UserName }));
  const conflict = (what: string) => ({
    name: "DeleteConflictException",
    message: `Cannot delete entity, must ${what} first.`,
  });
  await expect(remove()).rejects.toMatchObject(conflict("delete access keys"));
  await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: AccessKey?.AccessKeyId }));
  await expect(remove()).rejects.toMatchObject(conflict("delete policies"));
  await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: "may" }));
  await expect(remove()).rejects.toMatchObject(conflict("detach all policies"));
  await iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn: ADMINISTRATOR }));
  await remove();
  await expect(remove()).rejects.toMatchObject(NO_ANN);
});

test("a user has two keys at the most, each active or not, until it is deleted", async () => {
  const { operator, newUser, newKey } = await startAccount();
  const { iam } = operator;
  await expect(newKey("ann")).rejects.toMatchObject(NO_ANN);
  const first = await newUser("ann");
  await newUser("bob");
  const second = await newKey("ann");
  await expect(newKey("ann")).rejects.toMatchObject({
    ...{ name: "LimitExceededException", message: "Cannot exceed quota for AccessKeysPerUser: 2" },
  });
  const AccessKeyId = first.accessKeyId;
  expect(AccessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
  const statuses = async () => {
    const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName }));
    return Object.fromEntries(AccessKeyMetadata.map((one) => [one.AccessKeyId, one.Status]));
  };
  await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: "Inactive" }));
  await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: "Inactive" }));
  expect(await statuses()).toEqual({ [first.accessKeyId]: "Inactive", [second.accessKeyId]: "Active" });

  const gone = noSuch(`The Access Key with id ${AccessKeyId} cannot be found.`);
  const theirs = new UpdateAccessKeyCommand({ UserName: "bob", AccessKeyId, Status: "Active" });
  await expect(iam.send(theirs)).rejects.toMatchObject(gone);
  await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  await expect(iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }))).rejects.toMatchObject(gone);
  const again = new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: "Inactive" });
  await expect(iam.send(again)).rejects.toMatchObject(gone);
  expect(await statuses()).toEqual({ [second.accessKeyId]: "Active" });
  const nobodys = new DeleteAccessKeyCommand({ UserName: "eve", AccessKeyId });
  await expect(iam.send(nobodys)).rejects.toMatchObject(noSuch("The user with name eve cannot be found."));
});

test("what is longer than a page goes on where that ended", async () => {
  const { operator, newUser, newKey, allow } = await startAccount();
  const { iam } = operator;
  const keys = [await newUser("ann"), await newKey("ann")].map(({ accessKeyId }) => accessKeyId);
  for (const name of ["a", "b", "c"]) await allow("ann", ALL, name);
  const one = await iam.send(new ListAccessKeysCommand({ UserName, MaxItems: 1 }));
  expect(one.IsTruncated).toBe(true);
  const two = await iam.send(new ListAccessKeysCommand({ UserName, MaxItems: 1, Marker: one.Marker }));
  expect(two).toMatchObject({ IsTruncated: false });
  expect(two.Marker).toBeUndefined();
  const listed = [one, two].flatMap(({ AccessKeyMetadata = [] }) => AccessKeyMetadata.map((key) => key.AccessKeyId));
  expect(listed.sort()).toEqual(keys.sort());
  const most = await iam.send(new ListUserPoliciesCommand({ UserName, MaxItems: 2 }));
  expect(most).toMatchObject({ PolicyNames: ["a", "b"], IsTruncated: true });
  const foreign = new ListUserPoliciesCommand({ UserName, Marker: one.Marker });
  await expect(iam.send(foreign)).rejects.toMatchObject({ name: "ValidationError" });
});

test("a call without a name is about the user who signs it", async () => {
  const { operator, clientsOf, newUser } = await startAccount();
  const ann = await newUser("ann", ALL);
  const { iam } = clientsOf(ann);
  expect((await iam.send(new GetUserCommand({}))).User?.UserName).toBe("ann");
  await iam.send(new UpdateAccessKeyCommand({ AccessKeyId: ann.accessKeyId, Status: "Inactive" }));
  await expect(operator.iam.send(new ListAccessKeysCommand({}))).rejects.toMatchObject({
    ...{ name: "ValidationError", message: "Must specify userName when calling with non-User credentials" },
  });
});

test("a key that is inactive or deleted is refused in the words of each kind of service, and works once it is active", async () => {
  const { operator, clientsOf, newUser } = await startAccount();
  const ann = await newUser("ann", ALL);
  const { iam, sts, kms, ec2 } = clientsOf(ann);
  const AccessKeyId = ann.accessKeyId;
  const set = (Status: "Active" | "Inactive") =>
    operator.iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status }));
  const isRefused = async () => {
    const message = "The security token included in the request is invalid.";
    const query = { name: "InvalidClientTokenId", message, $metadata: { httpStatusCode: 403 } };
    await expect(iam.send(new GetUserCommand({}))).rejects.toMatchObject(query);
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject(query);
    const json = { name: "UnrecognizedClientException", message };
    await expect(kms.send(new ListKeysCommand({}))).rejects.toMatchObject(json);
    await expect(ec2.send(new DescribeInstancesCommand({}))).rejects.toMatchObject({ name: "AuthFailure" });
  };
  await kms.send(new ListKeysCommand({}));
  await set("Inactive");
  await isRefused();
  await set("Active");
  await kms.send(new ListKeysCommand({}));
  await operator.iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  await isRefused();
});

test("a user may do what his policies allow, as they are now, and nothing without any", async () => {
  const { operator, clientsOf, newUser, allow } = await startAccount();
  const { iam } = operator;
  const { kms, secrets } = clientsOf(await newUser("ann"));
  const list = () => kms.send(new ListKeysCommand({}));
  const refused = (why: string) => ({
    name: "AccessDeniedException",
    message: `User: ${ARN} is not authorized to perform: kms:ListKeys on resource: * ${why}`,
  });
  const unallowed = refused("because no identity-based policy allows the kms:ListKeys action");
  // Nobody has put a role here, so that all others may do everything.
  await expect(list()).rejects.toMatchObject(unallowed);
  await allow("ann", [{ Effect: "Allow", Action: ["kms:*"], Resource: "*" }]);
  await list();
  await expect(secrets.send(new ListSecretsCommand({}))).rejects.toMatchObject({ name: "AccessDeniedException" });
  await allow("ann", { Effect: "Deny", Action: "kms:ListKeys", Resource: "*" }, "mayNot");
  await expect(list()).rejects.toMatchObject(refused("with an explicit deny in an identity-based policy"));
  await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: "mayNot" }));
  await list();
  await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: "may" }));
  await expect(list()).rejects.toMatchObject(unallowed);
});

test("an inline policy is given back as it was put, and what is none or cannot be enforced is not taken", async () => {
  const { operator, newUser, allow } = await startAccount();
  const { iam } = operator;
  await newUser("ann");
  await allow("ann", ALL, "a");
  const got = await iam.send(new GetUserPolicyCommand({ UserName, PolicyName: "a" }));
  expect(got.PolicyDocument).toMatch(/^%7B%22Version%22%3A%222012-10-17%22/);
  expect(JSON.parse(decodeURIComponent(got.PolicyDocument ?? ""))).toEqual({ Version: "2012-10-17", Statement: ALL });
  expect((await iam.send(new ListUserPoliciesCommand({ UserName }))).PolicyNames).toEqual(["a"]);
  const none = noSuch("The user policy with name b cannot be found.");
  await expect(iam.send(new GetUserPolicyCommand({ UserName, PolicyName: "b" }))).rejects.toMatchObject(none);
  await expect(iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: "b" }))).rejects.toMatchObject(none);

  const malformed = (message: string) => ({ name: "MalformedPolicyDocumentException", message });
  for (const PolicyDocument of [
    "{",
    "null",
    "[]",
    "{}",
    '{"Statement":["x"]}',
    '{"Statement":[null]}',
    '{"Statement":{"Effect":"Allow","Action":5,"Resource":"*"}}',
    '{"Statment":[]}',
  ]) {
    const put = new PutUserPolicyCommand({ UserName, PolicyName: "a", PolicyDocument });
    await expect(iam.send(put), PolicyDocument).rejects.toMatchObject(malformed("Syntax errors in policy."));
  }
  const Condition = { DateLessThan: { "aws:TokenIssueTime": "yesterday" } };
  await expect(allow("ann", { ...ALL, Condition })).rejects.toMatchObject(
    malformed("The embedded AWS cannot enforce the policy may: it cannot compare aws:TokenIssueTime by yesterday."),
  );
  expect((await iam.send(new ListUserPoliciesCommand({ UserName }))).PolicyNames).toEqual(["a"]);
});

test("Amazon's managed policies are attached, are what the user may do or not, and are detached", async () => {
  const { operator, clientsOf, newUser } = await startAccount();
  const { iam } = operator;
  const { kms, iam: own } = clientsOf(await newUser("ann"));
  const attach = (PolicyArn: string) => iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
  await attach(ADMINISTRATOR);
  await attach(ADMINISTRATOR);
  await own.send(new CreateUserCommand({ UserName: "eve" }));
  await attach(QUARANTINE);
  await kms.send(new ListKeysCommand({}));
  const mallory = () => own.send(new CreateUserCommand({ UserName: "mallory" }));
  await expect(mallory()).rejects.toMatchObject({
    ...DENIED,
    message:
      `User: ${ARN} is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::${ACCOUNT}:user/mallory ` +
      "with an explicit deny in an identity-based policy",
  });
  expect((await iam.send(new ListAttachedUserPoliciesCommand({ UserName }))).AttachedPolicies).toEqual([
    { PolicyName: "AWSCompromisedKeyQuarantineV3", PolicyArn: QUARANTINE },
    { PolicyName: "AdministratorAccess", PolicyArn: ADMINISTRATOR },
  ]);
  const detach = () => iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn: QUARANTINE }));
  await detach();
  await mallory();
  await expect(detach()).rejects.toMatchObject(noSuch(`Policy ${QUARANTINE} was not found.`));
  const own2 = `arn:aws:iam::${ACCOUNT}:policy/own`;
  await expect(attach(own2)).rejects.toMatchObject(noSuch(`Policy ${own2} does not exist or is not attachable.`));
});

test("each of these needs the caller's right to the user in question", async () => {
  const { operator, clientsOf, newUser, newKey, allow } = await startAccount();
  const { iam } = clientsOf(await newUser("caller"));
  await operator.iam.send(new CreateUserCommand({ UserName }));
  const { accessKeyId: AccessKeyId } = await newKey("ann");
  const PolicyName = "p";
  const PolicyDocument = JSON.stringify({ Statement: ALL });
  const PolicyArn = ADMINISTRATOR;
  const calls: Record<string, () => Promise<unknown>> = {
    GetUser: () => iam.send(new GetUserCommand({ UserName })),
    ListAccessKeys: () => iam.send(new ListAccessKeysCommand({ UserName })),
    GetAccessKeyLastUsed: () => iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId })),
    PutUserPolicy: () => iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument })),
    GetUserPolicy: () => iam.send(new GetUserPolicyCommand({ UserName, PolicyName })),
    ListUserPolicies: () => iam.send(new ListUserPoliciesCommand({ UserName })),
    DeleteUserPolicy: () => iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName })),
    AttachUserPolicy: () => iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn })),
    ListAttachedUserPolicies: () => iam.send(new ListAttachedUserPoliciesCommand({ UserName })),
    DetachUserPolicy: () => iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn })),
    UpdateAccessKey: () => iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: "Inactive" })),
    DeleteAccessKey: () => iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId })),
    CreateAccessKey: () => iam.send(new CreateAccessKeyCommand({ UserName })),
    CreateUser: () => iam.send(new CreateUserCommand({ UserName: "ann2" })),
    DeleteUser: () => iam.send(new DeleteUserCommand({ UserName: "ann2" })),
  };
  for (const [name, call] of Object.entries(calls)) {
    const Resource = name.endsWith("teUser") ? `${ARN}2` : ARN;
    await allow("caller", { Effect: "Allow", Action: `iam:${name}`, Resource: `${ARN}x` });
    await expect(call(), name).rejects.toMatchObject({
      ...DENIED,
      message: expect.stringContaining(`is not authorized to perform: iam:${name} on resource: ${Resource} because`),
    });
    await allow("caller", { Effect: "Allow", Action: `iam:${name}`, Resource });
    await call();
  }
});

test("users, keys and policies outlive the process", async () => {
  const first = await startAccount();
  const ann = await first.newUser("ann", ALL);
  const AccessKeyId = (await first.newKey("ann")).accessKeyId;
  await first.operator.iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: "Inactive" }));
  await first.operator.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: QUARANTINE }));
  await first.close();
  const second = await startAccount({ folder: first.folder, clock: first.clock });
  const { kms, iam } = second.clientsOf(ann);
  await kms.send(new ListKeysCommand({}));
  await expect(iam.send(new CreateUserCommand({ UserName: "eve" }))).rejects.toMatchObject(DENIED);
  const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({}));
  expect(AccessKeyMetadata.find((key) => key.AccessKeyId === AccessKeyId)?.Status).toBe("Inactive");
  expect(AccessKeyMetadata).toHaveLength(2);
});
