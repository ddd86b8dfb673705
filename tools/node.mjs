// Runs a script under Node 24: the running Node if it is new enough, else the one that `npm ci` fetched.
// Plain JavaScript without recent syntax, since an older Node reads it too.
import { spawn } from "node:child_process";
import { nodePath } from "./node-path.mjs";

const node = nodePath();
if (node === undefined) {
  console.error(
    `Keyturn needs Node 24 or newer; this is Node ${process.versions.node} and no other was fetched. ` +
      "Run `npm ci` (it fetches one on Linux), or install Node 24.",
  );
  process.exit(1);
}

const child = spawn(node, ["--disable-warning=ExperimentalWarning", ...process.argv.slice(2)], { stdio: "inherit" });
// Ctrl-C reaches the child from the terminal by itself; this one only waits for it, so that the child can end in order.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT") child.kill(signal);
  });
}
child.on("exit", (code, signal) => {
  if (signal !== null) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else process.exit(code ?? 1);
});
