import { CreateDocumentCommand, DescribeDocumentCommand } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DOCUMENT, FakeShell, openSsm } from "./harness.ts";

let opened: Awaited<ReturnType<typeof openSsm>>;

beforeAll(async () => {
  opened = await openSsm(new FakeShell());
});

afterAll(() => opened.close());

const create = (Name: string, content: object, more = {}) =>
  opened.client.send(
    new CreateDocumentCommand({ Name, Content: JSON.stringify(content), DocumentType: "Command", ...more }),
  );

test("a document is created and described", async () => {
  const { DocumentDescription } = await create("Test-Turn", DOCUMENT);
  expect(DocumentDescription).toMatchObject({ Name: "Test-Turn", DocumentVersion: "1", Status: "Active" });
  const { Document } = await opened.client.send(new DescribeDocumentCommand({ Name: "Test-Turn" }));
  expect(Document).toMatchObject({
    Name: "Test-Turn",
    Owner: "000000000000",
    SchemaVersion: "2.2",
    Description: "for tests",
    Parameters: [
      { Name: "id", Type: "String" },
      { Name: "word", Type: "String", DefaultValue: "hello" },
    ],
    HashType: "Sha256",
  });
  await expect(create("Test-Turn", DOCUMENT)).rejects.toMatchObject({ name: "DocumentAlreadyExists" });
});

test("deploying a document again makes a version of it only where it differs", async () => {
  const { ssm, client } = opened;
  const version = async () => {
    const { Document } = await client.send(new DescribeDocumentCommand({ Name: "Deployed" }));
    return Document?.DocumentVersion;
  };
  ssm.deployDocument("Deployed", JSON.stringify(DOCUMENT));
  ssm.deployDocument("Deployed", JSON.stringify(DOCUMENT));
  expect(await version()).toBe("1");
  ssm.deployDocument("Deployed", JSON.stringify({ ...DOCUMENT, description: "another" }));
  expect(await version()).toBe("2");
});

const [STEP] = DOCUMENT.mainSteps;
const parameter = (definition: object) => ({ ...DOCUMENT, parameters: { id: { type: "String", ...definition } } });

test.each([
  [{ ...DOCUMENT, schemaVersion: "1.2" }, "InvalidDocumentSchemaVersion"],
  [{ ...DOCUMENT, other: 1 }, "InvalidDocumentContent"],
  [{ ...DOCUMENT, mainSteps: [] }, "InvalidDocumentContent"],
  [{ ...DOCUMENT, mainSteps: [STEP, STEP] }, "InvalidDocumentContent"],
  [{ ...DOCUMENT, mainSteps: [{ ...STEP, action: "aws:runPowerShellScript" }] }, "InvalidDocumentContent"],
  [{ ...DOCUMENT, mainSteps: [{ ...STEP, precondition: {} }] }, "InvalidDocumentContent"],
  [{ ...DOCUMENT, mainSteps: [{ ...STEP, inputs: { runCommand: "echo" } }] }, "InvalidDocumentContent"],
  [parameter({ type: "StringList" }), "InvalidDocumentContent"],
  [parameter({ allowedPattern: "(" }), "InvalidDocumentContent"],
  [parameter({ interpolationType: "TEXT" }), "InvalidDocumentContent"],
  [parameter({ maxChars: 5 }), "InvalidDocumentContent"],
])("the document %j is refused", async (content, name) => {
  await expect(create("Refused", content)).rejects.toMatchObject({ name });
});

test("what is no JSON, YAML, reserved names and unknown documents are refused", async () => {
  const command = new CreateDocumentCommand({ Name: "Refused", Content: "{" });
  await expect(opened.client.send(command)).rejects.toMatchObject({ name: "InvalidDocumentContent" });
  await expect(create("Refused", DOCUMENT, { DocumentFormat: "YAML" })).rejects.toMatchObject({
    name: "ValidationException",
  });
  await expect(create("AWS-Own", DOCUMENT)).rejects.toMatchObject({ name: "ValidationException" });
  await expect(opened.client.send(new DescribeDocumentCommand({ Name: "Absent" }))).rejects.toMatchObject({
    name: "InvalidDocument",
  });
});
