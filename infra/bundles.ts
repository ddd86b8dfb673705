import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import { bundleAgent } from "../agent/bundle.ts";
import type { StepContract } from "../functions/shared/contract.ts";
import { functionNameOf, modulePathOf, STEPS, type StepName } from "../functions/steps.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Where bundles lie: a folder for each function, and one with what goes onto an instance. */
export interface Bundles {
  folderOf(functionName: string): string;
  agentFolder: string;
}

/**
 * Lets esbuild drop the shapes of all the calls that a client has and nobody makes: it keeps an array with computed keys
 * in it, since computing them could have effects. For EC2 this is half a megabyte.
 */
const unusedShapes: Plugin = {
  name: "unused-shapes",
  setup({ onLoad }) {
    onLoad({ filter: /@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(
        /^((?:export )?var \w+\$? = )(\[[^;]*\]);$/gm,
        "$1/* @__PURE__ */ (() => $2)();",
      ),
    }));
  },
};

/** Keeps out what the SDK would load if an answer were a stream of events, which no call of ours has: 20 kB of each function. */
const unstreamed: Plugin = {
  name: "unstreamed",
  setup({ onResolve }) {
    // S3's client names it itself, and then it is bundled there.
    onResolve({ filter: /^@smithy\/core\/event-streams$/ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  },
};

/** Ways to credentials that the SDK tries after the environment, where Lambda's functions find theirs. */
const UNREACHED = [
  ...["sso", "ini", "process", "web-identity", "http"].map((way) => `@aws-sdk/credential-provider-${way}`),
  "@smithy/credential-provider-imds",
];

/** How functions are bundled: one file that Node 24 runs by itself, with the parts of the SDK that it uses in it. */
export const BUNDLE_OPTIONS: BuildOptions = {
  bundle: true,
  minify: true,
  format: "esm",
  platform: "node",
  target: "node24",
  // Without this, esbuild takes the CommonJS form of the SDK, which it cannot trim.
  mainFields: ["module", "main"],
  legalComments: "none",
  logLevel: "silent",
  plugins: [unusedShapes, unstreamed],
  external: UNREACHED,
  // Parts of the SDK are CommonJS and call require for Node's own modules, which an ES module does not have.
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
};

/**
 * How a function is bundled that speaks to databases: what it loads when it knows which one it is lies in files of its own
 * beside `index.mjs`, since the client of MySQL is larger than all the rest.
 */
export const OPTIONS_IN_PARTS: BuildOptions = {
  ...BUNDLE_OPTIONS,
  splitting: true,
  alias: { "iconv-lite": join(ROOT, "functions/mysql/encodings.ts") },
};

/** Whether a function is more than its `index.mjs`. */
export function isInParts({ neighbours }: Pick<StepContract, "neighbours">): boolean {
  return neighbours.includes("authorities");
}

const TO_MODULES: BuildOptions = { absWorkingDir: ROOT, outExtension: { ".js": ".mjs" } };

function entryPointsOf(steps: readonly StepName[]): Record<string, string> {
  return Object.fromEntries(steps.map((step) => [`${functionNameOf(step)}/index`, modulePathOf(step)]));
}

/** Where parts are until each function has its own. */
const PARTS = "parts";

/** Bundles functions that have parts in common, and gives each of them its parts, beside its `index.mjs`. */
async function bundleInParts(steps: readonly StepName[], outdir: string): Promise<void> {
  const { metafile } = await build({
    ...OPTIONS_IN_PARTS,
    ...TO_MODULES,
    entryPoints: entryPointsOf(steps),
    outdir,
    chunkNames: `${PARTS}/[name]-[hash]`,
    metafile: true,
  });
  for (const step of steps) {
    const place = join(outdir, functionNameOf(step));
    const index = join(place, "index.mjs");
    for (const part of partsOf(relative(ROOT, index), metafile)) {
      copyFileSync(join(ROOT, part), join(place, basename(part)));
    }
    writeFileSync(index, readFileSync(index, "utf8").replaceAll(`"../${PARTS}/`, '"./'));
  }
  rmSync(join(outdir, PARTS), { recursive: true, force: true });
}

/** The parts of a file and of these again, whether they are loaded with it or later. */
function partsOf(file: string, { outputs }: Pick<Metafile, "outputs">, known = new Set<string>()): Set<string> {
  for (const { path, external } of outputs[file]?.imports ?? []) {
    if (external || known.has(path)) continue;
    known.add(path);
    partsOf(path, { outputs }, known);
  }
  return known;
}

/**
 * Bundles all functions at once, and the agent.
 *
 * @param folder is emptied first
 */
export async function makeBundles(folder = join(ROOT, "dist")): Promise<Bundles> {
  const functions = join(folder, "functions");
  const agentFolder = join(folder, "agent");
  rmSync(functions, { recursive: true, force: true });
  rmSync(agentFolder, { recursive: true, force: true });
  mkdirSync(agentFolder, { recursive: true });
  await Promise.all([
    build({
      ...BUNDLE_OPTIONS,
      ...TO_MODULES,
      entryPoints: entryPointsOf(STEPS.filter((step) => !isInParts(step))),
      outdir: functions,
    }),
    bundleInParts(STEPS.filter(isInParts), functions),
    bundleAgent(join(agentFolder, "keyturn-agent.mjs")),
  ]);
  for (const [from, to] of [
    ["agent/systemd/keyturn-agent", "keyturn-agent"],
    ["agent/systemd/keyturn-agent.service", "keyturn-agent.service"],
  ] as const) {
    // Only the bytes count: a file's mode or date would make another asset of the same content.
    writeFileSync(join(agentFolder, to), readFileSync(join(ROOT, from)));
  }
  return { folderOf: (functionName) => join(functions, functionName), agentFolder };
}
