import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { SETTINGS } from "../../functions/shared/settings.ts";
import { functionNameOf, modulePathOf, STEPS } from "../../functions/steps.ts";
import { BUNDLE_OPTIONS, makeBundles } from "../../infra/bundles.ts";

/**
 * `npm run bench:cold`: how large each function's bundle is, and how long its import takes beside that of a bundle of
 * only the SDK clients and calls in it. Aims: at most 500 kB, at most 1.3 times.
 */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ROUNDS = 15;

/** Every variable with something that every step can start with. */
const ENVIRONMENT = {
  ...process.env,
  ...Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, name.endsWith("_SECONDS") ? "60" : "x"])),
  NONCE_MODE: "hmac",
  CREDENTIALS: "[]",
  TIME_SERIES: "timestream",
  FORMER_TIME_SERIES: "none",
  AWS_REGION: "us-east-1",
};

/** Bundles the clients and calls of the SDK that a step has in its bundle, and nothing else; false if it has none. */
async function bundleClients(modulePath: string, outfile: string): Promise<boolean> {
  const { metafile } = await build({
    ...BUNDLE_OPTIONS,
    absWorkingDir: ROOT,
    entryPoints: [modulePath],
    write: false,
    metafile: true,
  });
  const inputs = Object.keys(Object.values(metafile?.outputs ?? {})[0]?.inputs ?? {});
  const exports = inputs.flatMap((path, index) => {
    const inSdk =
      /node_modules\/(@aws-sdk\/(?:client|lib)-[^/]+)\/dist-es\/(?:commands\/)?(\w+(?:Command|Client))\.js$/;
    const [, library, name] = inSdk.exec(path) ?? [];
    return library === undefined ? [] : [`export { ${name} as _${index} } from "${library}";`];
  });
  await build({ ...BUNDLE_OPTIONS, stdin: { contents: exports.join("\n"), resolveDir: ROOT }, outfile });
  return exports.length > 0;
}

/** Milliseconds that the import of a file takes in a Node process of its own. */
function importTime(file: string): number {
  const code = `const t = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - t);`;
  const args = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", code];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", env: ENVIRONMENT });
  const time = Number(stdout.trim().split("\n").at(-1));
  if (!(time > 0)) throw new Error(`${file} could not be imported: ${stderr}`);
  return time;
}

/** Median import times of files, taken by turns so that what slows the machine down slows them all. */
function medians(files: string[]): number[] {
  const times = files.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    files.forEach((file, index) => {
      times[index]?.push(importTime(file));
    });
  }
  return times.map((one) => one.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN);
}

const row = (...cells: string[]) =>
  console.log(cells.map((cell, index) => (index === 0 ? cell.padEnd(36) : cell.padStart(12))).join(""));
const folder = mkdtempSync(join(tmpdir(), "keyturn-cold-"));
try {
  const bundles = await makeBundles(folder);
  const clients = join(folder, "clients.mjs");
  console.log(`Node ${process.version}: median of ${ROUNDS} imports, each in a process of its own.\n`);
  row("function", "bundle", "import", "SDK only", "ratio");
  for (const step of STEPS) {
    const whole = join(bundles.folderOf(functionNameOf(step)), "index.mjs");
    const hasClients = await bundleClients(modulePathOf(step), clients);
    const [time = 0, clientsTime = 0] = medians(hasClients ? [whole, clients] : [whole]);
    const beside = hasClients ? [`${clientsTime.toFixed(1)} ms`, (time / clientsTime).toFixed(2)] : ["none", "–"];
    const size = `${Math.round(statSync(whole).size / 1000)} kB`;
    row(functionNameOf(step), size, `${time.toFixed(1)} ms`, ...beside);
  }
} finally {
  rmSync(folder, { recursive: true });
}
