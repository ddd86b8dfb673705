import { describe, expect, test } from "vitest";
import { files, importsOf, read, roomOf, sources } from "./sources.ts";

const manifests = files("packages/*/package.json");

interface Manifest {
  name: string;
  dependencies: Record<string, string>;
}

/** The package's name in what an import names: `@aws-sdk/client-sfn` of `@aws-sdk/client-sfn/dist/x.js`. */
const packageOf = (name: string) => (name.startsWith("@") ? name.split("/", 2).join("/") : name.split("/", 1).join());

const WHY = "A package is used by others too: hand in what it needs of Keyturn, by an option or a parameter.";

describe.each(manifests)("%s", (file) => {
  const folder = file.replace("/package.json", "");
  const { name, dependencies }: Manifest = JSON.parse(read(file));
  const own = sources.filter((source) => source.startsWith(`${folder}/`));
  const outside = (source: string) =>
    importsOf(source).filter((imported) => sources.includes(imported) && !imported.startsWith(`${folder}/`));

  test("knows nothing of the rooms", () => {
    expect(own.length).toBeGreaterThan(0);
    expect(
      own.flatMap((source) => outside(source).map((imported) => `${source} imports ${imported}`)),
      WHY,
    ).toEqual([]);
  });

  test("declares what its sources need, each in one exact version", () => {
    const needed = own
      .filter((source) => source.startsWith(`${folder}/src/`))
      .flatMap((source) => importsOf(source, { types: false }))
      .filter((imported) => !imported.startsWith("node:") && !sources.includes(imported));
    const undeclared = [...new Set(needed.map(packageOf))].filter((one) => !(one in dependencies));
    expect(undeclared, `Add them to the dependencies of ${file}, or it cannot be installed elsewhere.`).toEqual([]);
    const loose = Object.entries(dependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
    expect(loose, `Pin one version in ${file}: 1.2.3, no range.`).toEqual([]);
  });

  test("is imported by its name", () => {
    const byPath = sources
      .filter((source) => roomOf(source) !== "packages")
      .filter((source) => importsOf(source).some((imported) => imported.startsWith(`${folder}/`)));
    expect(byPath, `Import from "${name}", and export there what is needed.`).toEqual([]);
  });
});
