import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as events from "../../events/index.ts";
import { firstColumn, headingsOf } from "./headings.ts";

// docs/events.md is what others build upon who wait for Keyturn's events.

interface Kind {
  detailType: string;
  /** AWS's own have one. */
  source?: string;
  detail: { shape: Record<string, unknown> };
}

const document = readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8");
const kinds = (Object.values(events) as unknown[]).filter(
  (value): value is Kind => typeof value === "object" && value !== null && "detailType" in value,
);
const ours = kinds.filter(({ source }) => source === undefined);

test("there is a section for each event on Keyturn's bus", () => {
  expect(ours.length).toBeGreaterThan(5);
  const sections = headingsOf(document);
  expect(
    ours.map(({ detailType }) => detailType).filter((name) => !sections.includes(name)),
    "docs/events.md: write a section named after each of these: what happened, who puts it and when, and its fields",
  ).toEqual([]);
});

test.each(ours)("'$detailType' has its fields there, and no other", ({ detailType, detail }) => {
  expect(
    firstColumn(document, detailType).sort(),
    `docs/events.md, ${detailType}: a row for each field of its schema in events/`,
  ).toEqual(Object.keys(detail.shape).sort());
});

test("the events of AWS that start something are listed", () => {
  const foreign = kinds.filter(({ source }) => source !== undefined);
  const listed = document.match(/^\| `[A-Z][^`]+` \|/gm)?.map((row) => row.replace(/^\| `|` \|$/g, ""));
  expect(listed?.sort(), "docs/events.md, What Keyturn reads of AWS: list each event of events/aws").toEqual(
    foreign.map(({ detailType }) => detailType).sort(),
  );
});

test("the patterns that it shows wait for events that there are", () => {
  const [, ...patterns] = document.split(/"?detail-type"?: ?\[/);
  const waited = patterns.flatMap((rest) => rest.slice(0, rest.indexOf("]")).split(","));
  expect(waited.length).toBeGreaterThan(1);
  const known = ours.map(({ detailType }) => detailType);
  const names = waited.map((name) => name.replaceAll('"', "").trim());
  expect(
    names.filter((name) => !known.includes(name)),
    "docs/events.md: correct these patterns",
  ).toEqual([]);
});
