import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { files, importsOf, ROOT, read } from "./sources.ts";

const INDEX = "events/index.ts";
const SAMPLES = "events/samples";
const CHECK = "test/events/samples.test.ts";

/** The files that define an event: its `detail-type` and its schema. */
const kinds = files("events/{,aws/}*.ts").filter((file) => /^\s*detailType: "/m.test(read(file)));
const nameOf = (file: string) => /^export const (\w+) = \{$(?=\s+(?:source|detailType): )/m.exec(read(file))?.[1];
const sampleOf = (file: string) => `${SAMPLES}/${basename(file, ".ts")}.json`;

describe("events", () => {
  test("every event is in the index", () => {
    expect(kinds.length).toBeGreaterThan(5);
    const exported = importsOf(INDEX);
    const message = `An event is used through ${INDEX}, where its sample is checked from: export it there; see docs/changing.md`;
    expect(
      kinds.filter((file) => !exported.includes(file)),
      message,
    ).toEqual([]);
  });

  test("every event has a kept sample, and every sample its event", () => {
    const message = `An event needs a sample as it comes, in ${SAMPLES}/NAME.json, named as its file; see docs/changing.md`;
    expect(
      kinds.map(sampleOf).filter((file) => !existsSync(join(ROOT, file))),
      message,
    ).toEqual([]);
    expect(
      files(`${SAMPLES}/*`).filter((file) => !kinds.map(sampleOf).includes(file)),
      "These samples are of no event: name them as the event's file, or take them away",
    ).toEqual([]);
  });

  test("every event is put or read by a step, or starts something", () => {
    const users = files("{functions,infra}/**/*.ts").map(read);
    const imported = new Set(
      users.flatMap((text) =>
        [...text.matchAll(/^import \{([^}]*)\} from "(?:\.\.\/)+events\//gm)].flatMap(([, names = ""]) =>
          names.split(/\W+/),
        ),
      ),
    );
    const unused = kinds.filter((file) => !imported.has(nameOf(file) ?? ""));
    const message =
      "Nobody puts or reads these events: use them in a step or a rule of infra/wiring.ts, or take them away";
    expect(unused, message).toEqual([]);
  });

  test("the samples are parsed by the schemas of the index", () => {
    expect(importsOf(CHECK), `${CHECK} holds the samples against the schemas`).toContain(INDEX);
  });
});
