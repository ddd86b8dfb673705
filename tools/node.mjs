// Runs a script under Node 24: the running Node if it is new enough, else the one that `npm ci` fetched.
// Plain JavaScript without recent syntax, since an older Node reads it too.
import { spawn } from "node:child_process";
import { nodePath, whatIsMissing } from "./node-path.mjs";

const node = nodePath();
if (node === undefined) {
  console.error(whatIsMissing());
  process.exit(1);
}

const child = spawn(node, ["--disable-warning=ExperimentalWarning", ...process.argv.slice(2)], {
  stdio: "inherit",
  // By this the script notices that the launcher was killed.
  env: { ...process.env, KEYTURN_LAUNCHER: String(process.pid) },
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    // A terminal's Ctrl-C reaches the child by itself; this one only waits for it, so that the child can end in order.
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  });
}
// Whoever kills npm kills nothing that npm has started.
const npm = process.env.npm_lifecycle_event === undefined ? undefined : process.ppid;
const look = setInterval(() => {
  if (npm === undefined || process.ppid === npm) return;
  clearInterval(look);
  child.kill("SIGTERM");
}, 500);
look.unref();
child.on("exit", (code, signal) => {
  if (signal !== null) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else process.exit(code ?? 1);
});
