import { describe, expect, test } from "vitest";
import { read } from "../shape/sources.ts";
import { type Checklist, made } from "./checklist.ts";
import { CHECKLISTS } from "./checklists/index.ts";
import { Copy } from "./copy.ts";
import { prove } from "./prove.ts";

// That each place is named takes minutes: `npm run changing`. Here is what must hold for that to mean something.

const [, ...sections] = read("docs/changing.md").split(/^## /m);

/** The lists as docs/changing.md has them: places, and who names each. */
const written = sections.map((section) => ({
  title: section.split("\n")[0],
  places: [...section.matchAll(/^\| `([^`]+)` \| .+ \| `([^`]+)` \|$/gm)].map(([, at, test]) => ({ at, test })),
}));

test("docs/changing.md has the lists that are followed, place by place", () => {
  const followed = CHECKLISTS.map(({ title, places }) => ({
    title,
    places: places.map(({ at, test, testAt = test }) => ({ at, test: testAt.replace(/^types$/, "npm run types") })),
  }));
  const message = "docs/changing.md and test/changing/checklists say the same: correct the one that is wrong";
  expect(written, message).toEqual(followed);
});

test.each(CHECKLISTS)("$title needs eight places at the most", ({ places }) => {
  expect(places.length, "Derive something, so that nobody has to write it").toBeLessThanOrEqual(8);
  expect(places.length).toBeGreaterThan(0);
});

test("each list can be followed in the tree as it is, and all of them together", () => {
  const copy = new Copy();
  try {
    for (const { places } of CHECKLISTS) copy.apply(places.flatMap(({ edits }) => edits));
    copy.apply(CHECKLISTS.flatMap(({ places }) => places).flatMap(({ edits }) => edits));
  } finally {
    copy.remove();
  }
});

describe("whoever proves a list finds", () => {
  const place = { at: "events/NAME.ts", test: "test/shape/events.test.ts", names: "events/lost.ts" };
  const lost = made("events/lost.ts", 'export const lost = {\n  detailType: "Lost",\n};\n');
  const list = (edits: Checklist["places"][number]["edits"]): Checklist => ({
    title: "A list",
    places: [{ ...place, edits }],
  });

  test("that a list does not lead to a tree that passes", async () => {
    const [fault, ...more] = await prove(list([lost]));
    expect(fault).toMatch(/^A list: with every place done, tests fail:.*events\/lost\.ts/s);
    expect(more).toEqual([]);
  });

  test("a place that nobody misses", async () => {
    const note = made("docs/note.txt", "A note.\n");
    expect(await prove(list([note]))).toEqual([
      "A list: without events/NAME.ts, test/shape/events.test.ts passes and nobody notices",
    ]);
  });
});
