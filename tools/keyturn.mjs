#!/usr/bin/env node
import * as nodeModule from "node:module";
// `keyturn`, the command line: operator/main.ts under Node 24. Plain JavaScript without recent syntax, as an older Node reads it.
import { fileURLToPath } from "node:url";
import { isEnough } from "./node-path.mjs";

// What Node has compiled is kept beside what npm has installed: the next start takes a third of the time.
const cache = fileURLToPath(new URL("../node_modules/.cache/keyturn", import.meta.url));
if (isEnough()) {
  // Not a process more. Earlier versions of Node 24 warn that they run TypeScript.
  process.removeAllListeners("warning");
  nodeModule.enableCompileCache(cache);
  await import("../operator/main.ts");
} else {
  if (process.env.NODE_COMPILE_CACHE === undefined) process.env.NODE_COMPILE_CACHE = cache;
  process.argv.splice(2, 0, fileURLToPath(new URL("../operator/main.ts", import.meta.url)));
  await import("./node.mjs");
}
