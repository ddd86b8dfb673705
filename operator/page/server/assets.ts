import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** A file of the page, as it is sent. */
export interface Asset {
  type: string;
  bytes: Buffer;
  gzipped: Buffer;
}

const CLIENT = new URL("../client/", import.meta.url);
const TYPES: Record<string, string> = {
  js: "text/javascript",
  css: "text/css",
  html: "text/html",
  svg: "image/svg+xml",
};

let made: Promise<Map<string, Asset>> | undefined;

/** All files of the page by their paths: bundled when somebody asks for the first of them, and then kept. */
export function assets(): Promise<Map<string, Asset>> {
  made ??= bundle().catch((error: unknown) => {
    // Whoever asks next tries again.
    made = undefined;
    throw error;
  });
  return made;
}

async function bundle(): Promise<Map<string, Asset>> {
  // Loaded here, since its process is needed for nothing else that a command does.
  const { build, stop } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("main.tsx", CLIENT))],
    outdir: fileURLToPath(CLIENT),
    write: false,
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "silent",
  });
  // Its process would hold as much memory as an agent, for nothing.
  await stop();
  const built = outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)] as const);
  const kept = ["index.html", "icon.svg"].map((name) => [name, readFileSync(new URL(name, CLIENT))] as const);
  return new Map(
    [...built, ...kept].map(([name, bytes]) => [name === "index.html" ? "/" : `/${name}`, assetOf(name, bytes)]),
  );
}

function assetOf(name: string, bytes: Buffer): Asset {
  const type = TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream";
  return { type: `${type}; charset=utf-8`, bytes, gzipped: gzipSync(bytes, { level: 9 }) };
}
