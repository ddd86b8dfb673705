import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { StepContract } from "../../functions/shared/contract.ts";
import { modulePathOf, STEPS } from "../../functions/steps.ts";
import { files, importsOf, loadedBy, ROOT, roomOf, sources } from "./sources.ts";

/** Packages that only what runs in Lambda may load. */
const RUNTIME = /^(@aws-sdk|@smithy|@aws-lambda-powertools|@middy)\//;

const folders = [...new Set(files("functions/*/*/*.ts").map(dirname))];
const listed = STEPS.map((step: StepContract) => dirname(modulePathOf(step)));
const isMissing = (file: string) => !existsSync(join(ROOT, file));

describe("steps", () => {
  test("a step has a contract, what it does, and its Lambda", () => {
    const places = folders.flatMap((folder) => ["contract", "step", "lambda"].map((name) => `${folder}/${name}.ts`));
    const message = "A step needs contract.ts, step.ts and lambda.ts in functions/FLOW/NAME/; see docs/changing.md";
    expect(places.filter(isMissing), message).toEqual([]);
  });

  test("every step is listed", () => {
    const message = "A step that is not in STEPS of functions/steps.ts is deployed nowhere: add its contract there";
    expect(
      folders.filter((folder) => !listed.includes(folder)),
      message,
    ).toEqual([]);
  });

  test("every step that is listed has its folder", () => {
    const message =
      "functions/steps.ts lists a step whose flow and name are not those of its folder: correct its contract.ts";
    expect(
      listed.filter((folder) => !folders.includes(folder)),
      message,
    ).toEqual([]);
  });

  test("every step has a unit test", () => {
    const untested = folders
      .map((folder) => ({ folder, file: folder.replace(/^functions\//, "test/functions/").concat(".test.ts") }))
      .filter(({ folder, file }) => isMissing(file) || !importsOf(file).includes(`${folder}/step.ts`))
      .map(({ folder, file }) => `${folder} has no ${file} that imports its step.ts`);
    const message =
      "A step is tested on every branch, on fakes, in test/functions/FLOW/NAME.test.ts; see docs/changing.md";
    expect(untested, message).toEqual([]);
  });

  test("a contract loads no SDK, so that whoever asks what steps declare starts fast", () => {
    const contracts = folders.map((folder) => `${folder}/contract.ts`).filter((file) => !isMissing(file));
    const loading = contracts.flatMap((file) =>
      [...loadedBy(file)].filter((name) => RUNTIME.test(name)).map((name) => `${file} loads ${name}`),
    );
    expect(contracts.flatMap((file) => [...loadedBy(file)]).length).toBeGreaterThan(0);
    expect(loading, "A contract is data: move what needs an SDK into step.ts or a client in functions/clients").toEqual(
      [],
    );
  });

  test("a step loads the SDK through its neighbours' files only", () => {
    const loading = folders
      .map((folder) => `${folder}/step.ts`)
      .filter((file) => !isMissing(file))
      .flatMap((file) => importsOf(file).map((name) => ({ file, name })))
      .filter(({ name }) => RUNTIME.test(name))
      .map(({ file, name }) => `${file} imports ${name}`);
    const message = "A step is given its neighbours: put the call of AWS behind an interface in functions/clients";
    expect(loading, message).toEqual([]);
  });

  test("nothing in functions/ loads the Tracer, which would make every start slower", () => {
    const loading = sources.filter((file) => roomOf(file) === "functions" && /tracer/i.test(importsOf(file).join()));
    expect(loading, "Step Functions is traced already: leave Powertools' Tracer out").toEqual([]);
  });
});
