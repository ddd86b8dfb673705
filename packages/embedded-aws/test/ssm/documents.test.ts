import { afterAll, beforeAll, expect, test } from "vitest";
import { DOCUMENT, FakeShell, openSsm } from "./harness.ts";

let opened: Awaited<ReturnType<typeof openSsm>>;

beforeAll(async () => {
  opened = await openSsm(new FakeShell());
});

afterAll(() => opened.close());

const deploy = (name: string, content: object) => opened.ssm.deployDocument(name, JSON.stringify(content));

test("deploying a document again makes a version of it only where it differs", async () => {
  const versions = () =>
    opened.parts.store.db.prepare("SELECT version FROM ssm_documents WHERE name = 'Deployed'").all();
  deploy("Deployed", DOCUMENT);
  deploy("Deployed", DOCUMENT);
  expect(versions()).toEqual([{ version: 1 }]);
  deploy("Deployed", { ...DOCUMENT, description: "another" });
  expect(versions()).toEqual([{ version: 1 }, { version: 2 }]);
});

const [STEP] = DOCUMENT.mainSteps;

test.each([
  [{ ...DOCUMENT, schemaVersion: "1.2" }, "InvalidDocumentSchemaVersion"],
  [{ ...DOCUMENT, other: 1 }, "InvalidDocumentContent"],
  [{ ...DOCUMENT, mainSteps: [] }, "InvalidDocumentContent"],
  [{ ...DOCUMENT, mainSteps: [STEP, STEP] }, "InvalidDocumentContent"],
  [{ ...DOCUMENT, mainSteps: [{ ...STEP, action: "aws:runPowerShellScript" }] }, "InvalidDocumentContent"],
  [{ ...DOCUMENT, mainSteps: [{ ...STEP, precondition: {} }] }, "InvalidDocumentContent"],
  [{ ...DOCUMENT, mainSteps: [{ ...STEP, inputs: { runCommand: "echo" } }] }, "InvalidDocumentContent"],
  [{ ...DOCUMENT, parameters: { id: { type: "String" } } }, "InvalidDocumentContent"],
  [
    { ...DOCUMENT, mainSteps: [{ ...STEP, inputs: { runCommand: [], timeoutSeconds: "{{x}}" } }] },
    "InvalidDocumentContent",
  ],
])("the document %j is refused", (content, name) => {
  expect(() => deploy("Refused", content)).toThrow(expect.objectContaining({ name }));
});

test("what is no JSON is refused", () => {
  expect(() => opened.ssm.deployDocument("Refused", "{")).toThrow(
    expect.objectContaining({ name: "InvalidDocumentContent" }),
  );
});
