import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { StepContract } from "../functions/shared/contract.ts";
import { modulePathOf, STEPS } from "../functions/steps.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** Folders that are made, or another's. */
const NOT_OURS = /(^|\/)(node_modules|dist|cdk\.out|coverage|\.keyturn|\.git)(\/|$)/;

/** Which rooms a room may import from, as the design has it. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  protocol: [],
  events: ["protocol"],
  statemachines: [],
  functions: ["protocol", "events"],
  agent: ["protocol", "events"],
  // The infrastructure ships the agent: of it, it imports what bundles it.
  infra: ["protocol", "functions", "events", "statemachines", "agent"],
  operator: ["protocol", "events"],
  local: ["protocol", "events", "statemachines", "functions", "agent", "infra", "operator"],
  packages: [],
  tools: [],
};
/** What of `functions/` the infrastructure may know: what steps declare, not what they do. */
const DECLARATIONS = /^functions\/(steps|shared\/(contract|neighbours|settings|uses)|.+\/contract)\.ts$/;
/** Packages that only what runs in Lambda may load. */
const RUNTIME = /^(@aws-sdk|@smithy|@aws-lambda-powertools|@middy)\//;

const sources = files("**/*.{ts,mjs}");
const roomOf = (file: string) => file.split("/")[0] ?? "";

function files(pattern: string): string[] {
  return globSync(pattern, { cwd: ROOT, exclude: (path) => NOT_OURS.test(path) }).sort();
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** What a file imports: paths from the root for our own files, names for packages. */
function importsOf(file: string, { types = true } = {}): string[] {
  const text = read(file);
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^;"'=()]*?\sfrom\s+)?["']([^"'\n]+)["']/gm);
  const dynamic = text.matchAll(/\bimport\(\s*["']([^"'\n]+)["']/g);
  const names = [
    ...[...statements].filter(([, type]) => types || type === undefined).map(([, , name]) => name ?? ""),
    ...[...dynamic].map(([, name]) => name ?? ""),
  ];
  return names.map((name) => (name.startsWith(".") ? normalize(join(dirname(file), name)) : name));
}

/** Everything that a file loads when it runs, through our own files. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  for (const name of importsOf(file, { types: false })) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (sources.includes(name)) loadedBy(name, seen);
  }
  return seen;
}

describe("rooms", () => {
  const rooms = Object.keys(MAY_IMPORT).filter((room) => existsSync(join(ROOT, room)));

  test.each(rooms)("%s imports only from the rooms that it may", (room) => {
    const allowed = [room, ...(MAY_IMPORT[room] ?? [])];
    const strays = sources
      .filter((file) => roomOf(file) === room)
      .flatMap((file) => importsOf(file).map((name) => ({ file, name })))
      .filter(({ name }) => sources.includes(name) && !allowed.includes(roomOf(name)))
      .map(({ file, name }) => `${file} imports ${name}`);
    expect(strays).toEqual([]);
  });

  test("infra knows what steps declare, not what they do", () => {
    const known = sources.filter((file) => roomOf(file) === "infra").flatMap((file) => importsOf(file));
    const ofFunctions = known.filter((name) => roomOf(name) === "functions");
    expect(ofFunctions.filter((name) => !DECLARATIONS.test(name))).toEqual([]);
  });

  test("imports of our own files lead to a file", () => {
    const broken = sources
      .flatMap((file) => importsOf(file).map((name) => ({ file, name })))
      .filter(({ name }) => Object.keys(MAY_IMPORT).includes(roomOf(name)) && !existsSync(join(ROOT, name)))
      .map(({ file, name }) => `${file} imports ${name}`);
    expect(broken).toEqual([]);
  });

  test("the protocol loads nothing but Node's own modules", () => {
    const names = sources.filter((file) => roomOf(file) === "protocol").flatMap((file) => importsOf(file));
    expect(names.filter((name) => !name.startsWith("node:") && roomOf(name) !== "protocol")).toEqual([]);
  });
});

describe("steps", () => {
  const folders = [...new Set(files("functions/*/*/*.ts").map(dirname))];

  test.each(folders)("%s has a contract, a step and its Lambda, and is listed", (folder) => {
    for (const file of ["contract.ts", "step.ts", "lambda.ts"]) {
      expect(existsSync(join(ROOT, folder, file)), `${folder}/${file}`).toBe(true);
    }
    const modules = STEPS.map((step: StepContract) => modulePathOf(step));
    expect(modules).toContain(`${folder}/lambda.ts`);
  });

  test("every step that is listed has its folder", () => {
    expect(STEPS.map((step: StepContract) => dirname(modulePathOf(step))).sort()).toEqual(folders);
  });

  test.each(folders)("%s: the contract loads no SDK, the step none but through its clients' files", (folder) => {
    const loaded = [...loadedBy(`${folder}/contract.ts`)];
    expect(loaded.length).toBeGreaterThan(0);
    expect(loaded.filter((name) => RUNTIME.test(name))).toEqual([]);
    expect(importsOf(`${folder}/step.ts`).filter((name) => RUNTIME.test(name))).toEqual([]);
  });

  test("nothing in functions/ loads the Tracer, which would make every start slower", () => {
    const loading = sources.filter((file) => roomOf(file) === "functions" && /tracer/i.test(importsOf(file).join()));
    expect(loading).toEqual([]);
  });

  test("only fakes and tests load fakes", () => {
    const loading = sources.filter(
      (file) =>
        roomOf(file) !== "test" &&
        !file.endsWith(".fake.ts") &&
        importsOf(file).some((name) => name.endsWith(".fake.ts")),
    );
    expect(loading).toEqual([]);
  });
});

describe("files", () => {
  test("no test is run alone", () => {
    const alone = files("test/**/*.ts").filter((file) => /\b(test|it|describe)(\.\w+)*\.only\b/.test(read(file)));
    expect(alone).toEqual([]);
  });

  test("no file of ours is longer than 300 lines", () => {
    const long = files("**/*.{ts,mjs,js,sh,html,css}")
      .filter((file) => roomOf(file) !== "test")
      .map((file) => ({ file, lines: read(file).split("\n").length - 1 }))
      .filter(({ lines }) => lines > 300);
    expect(long).toEqual([]);
  });

  test("relative links in the documents lead to a file", () => {
    const documents = files("**/*.md");
    expect(documents.length).toBeGreaterThan(0);
    const broken = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link]) => link?.split("#")[0] ?? "")
        .filter((path) => path !== "" && !/^[a-z]+:/.test(path))
        .filter((path) => !existsSync(join(ROOT, dirname(file), path)))
        .map((path) => `${file} links to ${path}`),
    );
    expect(broken).toEqual([]);
  });
});
