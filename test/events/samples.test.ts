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
  expect(others).toEqual([]);
  expect(sample.source).toBe(kind.source ?? events.SOURCE);
  expect(kind.detail.parse(sample.detail)).toEqual(sample.detail);
});

test("every kept sample is of a known kind", () => {
  const known = kinds.map((kind) => kind.detailType).sort();
  expect(samples.map((sample) => sample["detail-type"]).sort()).toEqual(known);
});

test.each(kinds.filter((kind) => kind.source === undefined))("'$detailType' takes no further field", (kind) => {
  const sample = samples.find((candidate) => candidate["detail-type"] === kind.detailType);
  expect(kind.detail.safeParse({ ...sample.detail, key: "0" }).success).toBe(false);
});
