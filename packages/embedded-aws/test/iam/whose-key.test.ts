import { DeleteAccessKeyCommand, GetAccessKeyLastUsedCommand, UpdateAccessKeyCommand } from "@aws-sdk/client-iam";
import { ListKeysCommand } from "@aws-sdk/client-kms";
import { expect, test } from "vitest";
import { ACCOUNT } from "../../src/index.ts";
import { ALL, startAccount } from "../account.ts";

const UserName = "ann";
const DENIED = { name: "AccessDenied", $metadata: { httpStatusCode: 403 } };

test("IAM says whose a key is, and for what it was used last", async () => {
  const { operator, clientsOf, newUser, clock } = await startAccount();
  const ann = await newUser("ann");
  const AccessKeyId = ann.accessKeyId;
  const ask = () => operator.iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
  expect(await ask()).toMatchObject({ UserName, AccessKeyLastUsed: { ServiceName: "N/A", Region: "N/A" } });
  expect((await ask()).AccessKeyLastUsed?.LastUsedDate).toBeUndefined();
  await clock.move(60_500);
  // A call that he may not make is a use, too.
  await expect(clientsOf(ann).kms.send(new ListKeysCommand({}))).rejects.toMatchObject({});
  const LastUsedDate = new Date(Math.floor(clock.now() / 1000) * 1000);
  await clock.move(5_000);
  const last = { ServiceName: "kms", Region: "us-east-1", LastUsedDate };
  expect((await ask()).AccessKeyLastUsed).toEqual(last);
  await operator.iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: "Inactive" }));
  expect((await ask()).AccessKeyLastUsed).toEqual(last);
});

test("of a key that is nobody's here, IAM says to everybody that he may not ask", async () => {
  const { operator, clientsOf, newUser } = await startAccount();
  const deleted = await newUser("ann", ALL);
  const { iam } = clientsOf(await newUser("bob", ALL));
  await operator.iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: deleted.accessKeyId }));
  for (const AccessKeyId of [deleted.accessKeyId, "AKIAIOSFODNN7EXAMPLE"]) {
    await expect(iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))).rejects.toMatchObject({
      ...DENIED,
      message:
        `User: arn:aws:iam::${ACCOUNT}:user/bob is not authorized to perform iam:GetAccessKeyLastUsed ` +
        `on resource: access key ${AccessKeyId}`,
    });
  }
});
