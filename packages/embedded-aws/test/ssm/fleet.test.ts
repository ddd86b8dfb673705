import {
  type DescribeInstanceInformationCommandInput as Describe,
  DescribeInstanceInformationCommand,
  ListDocumentsCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SystemsManager } from "../../src/ssm/index.ts";
import { type Embedded, startEmbedded } from "../http/embedded.ts";
import { DOCUMENT, FakeShell } from "./harness.ts";

const list = () => [
  { id: "i-1", ip: "10.0.0.4", state: "running" as const },
  { id: "i-2", ip: "10.0.0.5", state: "stopped" as const },
  { id: "i-3", ip: "10.0.0.6", state: "terminated" as const },
  { id: "i-4", ip: "10.0.0.7", state: "pending" as const },
  { id: "i-without-a-role", ip: "10.0.0.8", state: "running" as const },
];

let aws: Embedded;
let client: SSMClient;
beforeAll(async () => {
  aws = await startEmbedded((parts) => {
    const mayDo = (id: string) => id !== "i-without-a-role";
    const ssm = new SystemsManager(parts, { shell: new FakeShell(), events: { raise() {} }, list, mayDo });
    ssm.deployDocument("Second", JSON.stringify(DOCUMENT));
    ssm.deployDocument("First", JSON.stringify(DOCUMENT));
    ssm.deployDocument("First", JSON.stringify({ ...DOCUMENT, description: "another" }));
    return [ssm.service];
  });
  client = new SSMClient(aws.config);
});
afterAll(() => aws.close());

const described = async (input: Describe) =>
  (await client.send(new DescribeInstanceInformationCommand(input))).InstanceInformationList;

test("DescribeInstanceInformation: who reports himself, and who did so once", async () => {
  const both = await described({});
  expect(both).toMatchObject([
    { InstanceId: "i-1", PingStatus: "Online", IPAddress: "10.0.0.4", LastPingDateTime: expect.any(Date) },
    { InstanceId: "i-2", PingStatus: "ConnectionLost" },
  ]);
  expect(both).toHaveLength(2);
});

test("DescribeInstanceInformation: by ID", async () => {
  const Filters = [{ Key: "InstanceIds", Values: ["i-2", "i-3"] }];
  expect(await described({ Filters })).toMatchObject([{ InstanceId: "i-2" }]);
});

test("ListDocuments: each with its latest version", async () => {
  for (const input of [{}, { Filters: [{ Key: "Owner", Values: ["Self"] }] }]) {
    const { DocumentIdentifiers } = await client.send(new ListDocumentsCommand(input));
    expect(DocumentIdentifiers).toMatchObject([
      { Name: "First", DocumentVersion: "2", DocumentType: "Command", Owner: "000000000000" },
      { Name: "Second", DocumentVersion: "1" },
    ]);
  }
});

test.each([
  new DescribeInstanceInformationCommand({ Filters: [{ Key: "PingStatus", Values: ["Online"] }] }),
  new DescribeInstanceInformationCommand({ MaxResults: 5 }),
  new ListDocumentsCommand({ Filters: [{ Key: "Owner", Values: ["Amazon"] }] }),
])("what is not known here is refused", async (command) => {
  await expect(client.send(command as ListDocumentsCommand)).rejects.toMatchObject({ name: "ValidationException" });
});
