// `npm pack` takes JavaScript along, since Node strips no types of what lies in node_modules; the workspace runs the
// sources themselves. npm calls this before it packs, and again afterwards.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";

const EXPORTS = {
  built: { types: "./dist/index.d.ts", default: "./dist/index.js" },
  source: "./src/index.ts",
};

const wanted = process.argv[2];
if (!(wanted in EXPORTS))
  throw new Error(`Say what the manifest shall point to: ${Object.keys(EXPORTS).join(" or ")}.`);

rmSync("dist", { recursive: true, force: true });
if (wanted === "built") {
  execFileSync("npx", ["--no", "tsc", "--", "--project", "tsconfig.build.json"], { stdio: "inherit" });
}
const manifest = { ...JSON.parse(readFileSync("package.json", "utf8")), exports: EXPORTS[wanted] };
writeFileSync("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
