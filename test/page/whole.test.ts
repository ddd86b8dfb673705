import { expect, test } from "vitest";
import { behindPage } from "../../operator/page/open.ts";
import { findPlace } from "../../operator/place/place.ts";
import { files, read } from "../shape/sources.ts";
import { PAGE_PATHS } from "./paths.ts";

// Whoever adds a view, or something that it asks for, writes it in several places: what is missing in one is named here.

const CLIENT = "operator/page/client";
const list = read(`${CLIENT}/views.ts`);

/** What the page's server answers beside `npm start`, but for acts. */
function paths(): string[] {
  const place = { ...findPlace({ aws: true, region: "eu-west-1" }, {}), kind: "here" } as const;
  const options = { times: { lookMs: 1000, beatMs: 1000 }, freshMs: 60_000 };
  const { routes } = behindPage({ place, now: Date.now, stopped: new AbortController().signal }, options);
  return routes.map(({ path }) => path);
}

/** The beginning of a path, up to what stands in it for one thing. */
const stem = (path: string) => path.replace(/[:?$].*$/s, "").replace(/\/[A-Z].*$|\/1$/, "/");

test("each view is in the list of views, and what is listed is there", () => {
  const loaded = [...list.matchAll(/import\("\.\/(views\/[^"]+)"\)/g)].map(([, file]) => `${CLIENT}/${file}`);
  expect(loaded.filter((file) => files(file).length === 0)).toEqual([]);
  const folders = new Set(files(`${CLIENT}/views/*/*.tsx`).map((file) => file.split("/").slice(0, -1).join("/")));
  const unlisted = [...folders].filter((folder) => !loaded.some((file) => file.startsWith(`${folder}/`)));
  expect(unlisted, `Name each in ${CLIENT}/views.ts`).toEqual([]);
});

test("what a view asks for is answered", () => {
  const asked = files(`${CLIENT}/**/*.{ts,tsx}`).flatMap((file) => read(file).match(/\/api\/[\w/-]+/g) ?? []);
  const answered = [...paths(), "/api/live"].map((path) => stem(path).replace(/\/$/, ""));
  const unanswered = asked.filter((path) => !answered.includes(path.replace(/\/$/, "")));
  expect(unanswered, "Name its routes in operator/page/open.ts").toEqual([]);
});

test("what is answered is searched for secrets, and tried with no more rights than it needs", () => {
  const tried = PAGE_PATHS.map(stem);
  const untried = paths().filter((path) => !tried.includes(stem(path)));
  expect(untried, "Add a path of each to test/page/paths.ts").toEqual([]);
});
