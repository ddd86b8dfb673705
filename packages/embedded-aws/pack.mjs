// Packs the package as JavaScript, since Node strips no types of what lies in node_modules; the workspace runs the
// sources themselves. `node pack.mjs` writes the tarball to the folder that it is called in. All that a tarball needs is
// made in a temporary folder, so that an interrupted run leaves the package as it was.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PACKAGE = import.meta.dirname;

const folder = mkdtempSync(join(tmpdir(), "embedded-aws-"));
try {
  const compile = ["--no", "tsc", "--", "--project", "tsconfig.build.json", "--outDir", join(folder, "dist")];
  execFileSync("npx", compile, { cwd: PACKAGE, stdio: "inherit" });
  for (const file of ["README.md", "LICENSE"]) cpSync(join(PACKAGE, file), join(folder, file));
  const manifest = {
    ...JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")),
    exports: { types: "./dist/index.d.ts", default: "./dist/index.js" },
    scripts: undefined,
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  execFileSync("npm", ["pack", "--pack-destination", process.cwd()], { cwd: folder, stdio: "inherit" });
} finally {
  rmSync(folder, { recursive: true });
}
