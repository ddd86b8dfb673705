import { chmod } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * Bundles the agent, with the parts of the AWS SDK that it uses, into one file that Node 24 runs by itself.
 *
 * @param outfile where to write it, e.g. `dist/keyturn-agent.mjs`
 */
export async function bundleAgent(outfile: string): Promise<void> {
  await bundleProgram(new URL("./main.ts", import.meta.url), outfile);
  await chmod(outfile, 0o755);
}

/**
 * Bundles a program, with all that it imports, into one file that Node 24 runs by itself.
 *
 * @param external what is left out, as it is imported: `*` may stand in it
 */
export async function bundleProgram(entryPoint: URL, outfile: string, external: string[] = []): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(entryPoint)],
    outfile,
    external,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    legalComments: "none",
    logLevel: "silent",
    // Parts of the SDK are CommonJS and call require for Node's own modules, which an ES module does not have.
    banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  });
}
