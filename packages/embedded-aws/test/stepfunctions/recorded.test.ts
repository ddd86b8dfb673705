import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Case, type Outcome, startRunner } from "../../src/stepfunctions/conformance.ts";
import { comparable, ending, plain, type RecordedEvent, underPlaceholders } from "./judge.ts";

const folder =
  process.env.ASL_RECORDED ?? fileURLToPath(new URL("../../../../../shared/asl-recorded", import.meta.url));
const file = `${folder}/cases.json`;
type Recorded = Case & { expected: { events: RecordedEvent[] } };
const cases: Recorded[] = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Recorded[]) : [];

describe("executions recorded on AWS", () => {
  const outcomes = new Map<string, Outcome>();

  beforeAll(async () => {
    const runner = await startRunner();
    for (const recorded of cases) outcomes.set(recorded.id, await runner.run(recorded));
    await runner.close();
  });
  afterAll(() => outcomes.clear());
  beforeEach(({ skip }) =>
    skip(cases.length === 0, `no recorded executions in ${folder}: name their folder in ASL_RECORDED`),
  );

  const accepted = () => cases.filter(({ id }) => outcomes.get(id)?.accepted);

  test("nearly all machines are accepted", () => {
    const refused = cases.filter(({ id }) => !outcomes.get(id)?.accepted).map(({ id }) => outcomes.get(id)?.cause);
    expect(cases.length - refused.length, refused.join("\n")).toBeGreaterThanOrEqual(Math.ceil(cases.length * 0.86));
  });

  test("every accepted machine ends as on AWS: status, output, error", () => {
    for (const recorded of accepted()) {
      const expected = plain(ending(recorded.expected.events));
      const { status, output, error } = outcomes.get(recorded.id) ?? {};
      const actual = { status, ...(output !== undefined && { output }), ...(error !== undefined && { error }) };
      expect(underPlaceholders(plain(actual), expected), recorded.id).toEqual(expected);
    }
  });

  test("without Map and Parallel, event types come in the order of AWS", () => {
    for (const { id, definition, expected } of accepted()) {
      if (/"Type":"(Map|Parallel)"/.test(JSON.stringify(definition))) continue;
      const types = outcomes.get(id)?.events?.map(({ type }) => type);
      expect(types, id).toEqual(expected.events.map(({ type }) => type));
    }
  });

  test("nine of ten histories are those of AWS in whole", () => {
    const differing = accepted().filter(({ id, expected }) => {
      const { actual, recorded } = comparable(outcomes.get(id)?.events ?? [], expected.events);
      return !sameAs(actual, recorded);
    });
    const most = Math.floor(accepted().length / 10);
    expect(differing.length, differing.map(({ id }) => id).join("\n")).toBeLessThanOrEqual(most);
  });
});

function sameAs(actual: unknown, recorded: unknown): boolean {
  try {
    expect(actual).toEqual(recorded);
    return true;
  } catch {
    return false; // The ones that differ are counted and named by the caller.
  }
}
