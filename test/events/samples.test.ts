import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type * as z from "zod/mini";
import * as events from "../../events/index.ts";

const folder = new URL("../../events/samples/", import.meta.url);
const samples = readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")));

interface Kind {
  detailType: string;
  source?: string;
  detail: z.ZodMiniType;
}
const kinds = (Object.values(events) as unknown[]).filter(
  (value): value is Kind => typeof value === "object" && value !== null && "detailType" in value,
);

test.each(kinds)("the kept sample of '$detailType' fits its schema", (kind) => {
  const [sample, ...others] = samples.filter((candidate) => candidate["detail-type"] === kind.detailType);
  const message = `events/samples: keep one sample of '${kind.detailType}', with its source, and with the detail that its schema takes`;
  expect(others, message).toEqual([]);
  expect(sample?.source, message).toBe(kind.source ?? events.SOURCE);
  const { data, error } = kind.detail.safeParse(sample.detail);
  expect(error?.issues, message).toBeUndefined();
  expect(data, message).toEqual(sample.detail);
});

test("every kept sample is of a known kind", () => {
  const known = kinds.map((kind) => kind.detailType).sort();
  const message = "events/samples: one sample for each event of events/index.ts, and no other; see docs/changing.md";
  expect(samples.map((sample) => sample["detail-type"]).sort(), message).toEqual(known);
});

test.each(kinds.filter((kind) => kind.source === undefined))("'$detailType' takes no further field", (kind) => {
  const sample = samples.find((candidate) => candidate["detail-type"] === kind.detailType);
  const message = "An event of ours goes to people: write its detail as z.strictObject, so that nothing slips in";
  expect(kind.detail.safeParse({ ...sample.detail, key: "0" }).success, message).toBe(false);
});
