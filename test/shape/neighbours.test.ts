import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { files, importsOf, read, roomOf, sources } from "./sources.ts";

const FOLDER = "functions/clients";
const SUITES = "test/functions/clients";

/** The parts of a neighbour's files, e.g. `registry.dynamodb.ts`: whose it is, and which of its files it is. */
const parts = files(`${FOLDER}/*.ts`).map((file) => {
  const [neighbour = "", kind] = basename(file, ".ts").split(".");
  return { file, neighbour, kind };
});
// A file that declares no interface and has no others beside it is no neighbour: it only uses one.
const neighbours = [...new Set(parts.map(({ neighbour }) => neighbour))].filter((name) => {
  const own = parts.filter(({ neighbour }) => neighbour === name);
  return own.length > 1 || own.some(({ file }) => /^export interface /m.test(read(file)));
});

function filesOf(name: string) {
  const own = parts.filter(({ neighbour }) => neighbour === name);
  return {
    form: own.filter(({ kind }) => kind === undefined).map(({ file }) => file),
    fakes: own.filter(({ kind }) => kind === "fake").map(({ file }) => file),
    // `NAME.chosen.ts` takes one of the real ones by a setting, and does nothing itself.
    real: own.filter(({ kind }) => kind !== undefined && !["fake", "chosen"].includes(kind)).map(({ file }) => file),
  };
}

const tests = sources.filter((file) => file.endsWith(".test.ts"));

/** The files that run a neighbour's suite over what a file makes: test files, and what they load. */
function runsOver(name: string, file: string): string[] {
  const running = [...new Set([...tests, ...tests.flatMap((test) => importsOf(test))])];
  return running.filter((one) => {
    const imported = sources.includes(one) ? importsOf(one) : [];
    return imported.includes(`${SUITES}/${name}.suite.ts`) && imported.includes(file);
  });
}

describe("neighbours", () => {
  test("there are some", () => expect(neighbours.length).toBeGreaterThan(5));

  test.each(neighbours)("%s has its interface, the real one and a fake in files of their own", (name) => {
    const { form, fakes, real } = filesOf(name);
    const missing = [
      ...(form.length === 1 && /^export interface /m.test(read(form[0] ?? "")) ? [] : [`${FOLDER}/${name}.ts`]),
      ...(real.length > 0 ? [] : [`${FOLDER}/${name}.SERVICE.ts`]),
      ...(fakes.length === 1 ? [] : [`${FOLDER}/${name}.fake.ts`]),
    ];
    const message =
      "A neighbour needs an interface in our words, a real client named after its service, and a fake that behaves";
    expect(missing, message).toEqual([]);
  });

  test.each(neighbours)("%s: one suite runs over the fake and over the real one", (name) => {
    const { fakes, real } = filesOf(name);
    const unproved = [...fakes, ...real].filter((file) => runsOver(name, file).length === 0);
    const message = `Steps are tested on fakes, so a fake must be like the real one: run ${SUITES}/${name}.suite.ts over these, \
the fake in ${SUITES}/${name}.fake.test.ts, the real one in ${SUITES}/over-aws.ts`;
    expect(unproved, message).toEqual([]);
  });

  test("only fakes and tests load fakes", () => {
    const loading = sources
      .filter((file) => roomOf(file) !== "test" && !file.endsWith(".fake.ts"))
      .filter((file) => importsOf(file).some((name) => name.endsWith(".fake.ts")));
    expect(loading, "These load a fake outside of a test: load the real client").toEqual([]);
  });
});
