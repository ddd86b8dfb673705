import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROTATION_PATH } from "../../infra/costs.ts";
import { readFlow } from "../../statemachines/read.ts";
import { files, ROOT, read, roomOf, sources } from "./sources.ts";

const documents = files("**/*.md");

/** What npm runs by itself, so that nobody types it. */
const BY_ITSELF = /^(pre|post)/;

describe("documents", () => {
  test("relative links lead to a file", () => {
    expect(documents.length).toBeGreaterThan(5);
    const broken = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link]) => link?.split("#")[0] ?? "")
        .filter((path) => path !== "" && !/^[a-z]+:/.test(path))
        .filter((path) => !existsSync(join(ROOT, dirname(file), path)))
        .map((path) => `${file} links to ${path}`),
    );
    expect(broken, "These links lead nowhere: correct the path").toEqual([]);
  });

  test("links to a heading lead to one", () => {
    const broken = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\(([^)\s]*)#([^)\s]+)\)/g)]
        .filter(([, path = ""]) => !/^[a-z]+:/.test(path))
        .filter(([, path, anchor]) => !anchorsOf(path ? join(dirname(file), path) : file).includes(anchor ?? ""))
        .map(([, path, anchor]) => `${file} links to ${path}#${anchor}`),
    );
    expect(broken, "These links lead to no heading of that document: correct what stands after #").toEqual([]);
  });

  test("the README's table of folders names every room", () => {
    const rooms = [...new Set(sources.filter((file) => file.includes("/")).map(roomOf))].filter(
      (room) => room !== "tools",
    );
    const named = [...read("README.md").matchAll(/^\| \[[^\]]+\]\((\w+)/gm)].map(([, room]) => room);
    const message = "README.md, Where to look: name these folders in the table, with what is there";
    expect(
      rooms.filter((room) => !named.includes(room)),
      message,
    ).toEqual([]);
  });

  test("the README's picture of a rotation has every step that it takes", () => {
    const [, picture = ""] = /## A rotation\s+```text\n(.*?)```/s.exec(read("README.md")) ?? [];
    const { States } = readFlow("rotation").definition;
    const taken = ROTATION_PATH.filter((state) => States[state]?.Type === "Task");
    expect(taken.length).toBeGreaterThan(5);
    const drawn = [...picture.matchAll(/^ {2}([A-Z]\w+)/gm)].map(([, state]) => state);
    expect(drawn, "README.md, A rotation: draw the steps as statemachines/rotation.asl.yaml has them").toEqual(taken);
  });

  test("CONTRIBUTING.md's table names every command of package.json, and no other", () => {
    const scripts = Object.keys(JSON.parse(read("package.json")).scripts).filter((name) => !BY_ITSELF.test(name));
    const rows = [...read("CONTRIBUTING.md").matchAll(/^\| `npm (?:run (?:--silent )?)?([\w:-]+)/gm)];
    const named = rows.map(([, name]) => name);
    const message =
      "The table of commands in CONTRIBUTING.md goes by package.json's scripts: correct it, or the script";
    expect(named.toSorted(), message).toEqual(scripts.toSorted());
  });

  test("every decision is listed, dated, and says what speaks against it", () => {
    const decisions = files("docs/decisions/[0-9]*.md");
    expect(decisions.length).toBeGreaterThan(5);
    const index = read("docs/decisions/README.md");
    const faulty = decisions.flatMap((file) => {
      const text = read(file);
      const headings = ["## Context", "## Decision", "## What speaks against it", "## What would change our mind"];
      return [
        ...headings
          .filter((heading) => !text.includes(`\n${heading}\n`))
          .map((heading) => `${file} has no "${heading}"`),
        ...(/^Date: \d{4}-\d{2}-\d{2}$/m.test(text) ? [] : [`${file} has no line "Date: YYYY-MM-DD"`]),
        ...(index.includes(`](${file.replace("docs/decisions/", "")})`)
          ? []
          : [`docs/decisions/README.md lacks ${file}`]),
      ];
    });
    expect(faulty, "A decision has one form; see docs/decisions/README.md").toEqual([]);
  });
});

/** What may stand after `#` in a link to a document: its headings, as the hosting platform writes them. */
function anchorsOf(file: string): string[] {
  return [...read(file).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}
