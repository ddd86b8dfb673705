#!/usr/bin/env node
// `keyturn`, the command line: operator/main.ts under Node 24. Plain JavaScript without recent syntax, as an older Node reads it.
import { fileURLToPath } from "node:url";

process.argv.splice(2, 0, fileURLToPath(new URL("../operator/main.ts", import.meta.url)));
await import("./node.mjs");
