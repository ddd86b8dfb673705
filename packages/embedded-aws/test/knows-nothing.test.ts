import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
/** The product for which this package was first made. Its name is put together, so that this file does not hold it. */
const PRODUCT = new RegExp(["key", "turn"].join(""), "i");

test("nothing here knows of the product that the package was made for: what is special to it is handed in", () => {
  const files = ["src", "test"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  expect(files.length).toBeGreaterThan(100);
  const all = [...files, join(ROOT, "README.md"), join(ROOT, "package.json")];
  expect(
    all.filter((file) => PRODUCT.test(readFileSync(file, "utf8"))),
    "These name the product: hand in what is special to it by an option or a parameter, and say it in general words",
  ).toEqual([]);
});
