import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findPlace } from "../../operator/place/place.ts";
import { RUNNING_FILE } from "../../operator/place/running.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const RUNNING = {
  pid: process.pid,
  endpoint: "http://127.0.0.1:4510",
  region: "us-east-1",
  account: "000000000000",
  credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "x" },
};

/** A data folder in which `npm start` says, or has said, where it is. */
function dataFolder(name: string, text: string = JSON.stringify(RUNNING)): string {
  const data = join(folder, name);
  mkdirSync(data);
  writeFileSync(join(data, RUNNING_FILE), text);
  return data;
}

test("while npm start runs it is meant, whatever the user has set for AWS", () => {
  const data = dataFolder("runs");
  const env = { AWS_REGION: "eu-west-1", AWS_PROFILE: "work", AWS_ACCESS_KEY_ID: "AKIA" };
  const place = findPlace({ data: relative(process.cwd(), data) }, env);
  expect(place).toMatchObject({ kind: "here", region: "us-east-1", running: RUNNING, profile: undefined, data });
  expect(place.said).toBe("on this computer (npm start)");
  expect(findPlace({ data, region: "us-east-1" }, env).kind).toBe("here");
});

test("an endpoint in the environment counts, and it is said; the one of npm start itself is npm start", () => {
  const data = dataFolder("endpoint");
  const elsewhere = findPlace({ data }, { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" });
  expect(elsewhere).toMatchObject({ kind: "aws", running: undefined });
  expect(elsewhere.aside).toContain("AWS_ENDPOINT_URL leads elsewhere");
  expect(findPlace({}, { AWS_ENDPOINT_URL: RUNNING.endpoint, KEYTURN_DATA: data })).toMatchObject({ kind: "here" });
  expect(findPlace({ data, aws: true }, { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" }).aside).toBeUndefined();
});

test("two of them in two folders are told apart", () => {
  const [one, other] = ["http://127.0.0.1:1", "http://127.0.0.1:2"].map((endpoint, index) =>
    dataFolder(`of-${index}`, JSON.stringify({ ...RUNNING, endpoint })),
  );
  expect(findPlace({ data: one }, {}).running?.endpoint).toBe("http://127.0.0.1:1");
  expect(findPlace({ data: other }, {}).running?.endpoint).toBe("http://127.0.0.1:2");
});

test.for<[string, Parameters<typeof findPlace>[0], NodeJS.ProcessEnv, string, string | undefined]>([
  ["--aws", { aws: true }, { AWS_DEFAULT_REGION: "eu-north-1" }, "in eu-north-1, stack Keyturn", "eu-north-1"],
  ["a profile", { profile: "work" }, {}, "stack Keyturn", undefined],
  ["another Region", { region: "eu-west-1" }, {}, "in eu-west-1, stack Keyturn", "eu-west-1"],
  ["an endpoint in the environment", {}, { AWS_ENDPOINT_URL: "https://x" }, "stack Keyturn", undefined],
])("an account is meant by %s, although npm start runs", ([, options, env, said, region], { task }) => {
  const data = dataFolder(task.id);
  expect(findPlace({ ...options, data }, env)).toMatchObject({ kind: "aws", running: undefined, said, region });
});

test.for([
  ["nothing there", undefined],
  ["one that was killed", JSON.stringify({ ...RUNNING, pid: 2 ** 22 + 1 })],
  ["one that is half written", JSON.stringify(RUNNING).slice(0, 40)],
  ["one of another form", JSON.stringify({ ...RUNNING, endpoint: 4510 })],
])("no npm start runs: %s", ([, text], { task }) => {
  const data = text === undefined ? join(folder, "nowhere") : dataFolder(task.id, text);
  expect(findPlace({ data }, {})).toMatchObject({ kind: "aws", running: undefined });
});

test("the stack's name gives the names of what it has", () => {
  const place = findPlace({ data: folder, stack: "KeyturnTest" }, { KEYTURN_STACK: "Other" });
  expect(place).toMatchObject({ stack: "KeyturnTest", prefix: "keyturntest" });
  expect(place.names.instanceTable).toBe("keyturntest-instances");
  expect(findPlace({ data: folder }, { KEYTURN_STACK: "Other" }).prefix).toBe("other");
  expect(() => findPlace({ data: folder, stack: "keyturn-test" }, {})).toThrow("--stack takes letters and digits");
});
