// Runs a script under Node 24: the running Node if it is new enough, else the one that `npm ci` fetched.
// Plain JavaScript without recent syntax, since an older Node reads it too.
import { spawn } from "node:child_process";
import { nodePath, whatIsMissing } from "./node-path.mjs";

const node = nodePath();
if (node === undefined) {
  console.error(whatIsMissing());
  process.exit(1);
}

let child;
// While a script that was killed waits to be started again.
let pause;
// By which signal somebody has asked this to end.
let asked;

/**
 * Starts the script. One that wants to be killed (SIGKILL, which runs nothing of it any more) and started again writes before that
 * to file descriptor 3 after how many milliseconds; then it is started with the same arguments, and KEYTURN_AGAIN in its environment.
 */
function start(more) {
  child = spawn(node, ["--disable-warning=ExperimentalWarning", ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    // By this the script notices that the launcher was killed.
    env: Object.assign({}, process.env, { KEYTURN_LAUNCHER: String(process.pid) }, more),
  });
  let wish = "";
  child.stdio[3].on("data", (text) => {
    wish += text;
  });
  child.on("exit", (code, signal) => {
    // Of a killed one, what it has written is all here only once its end of the pipe is closed.
    if (signal !== "SIGKILL") end(code, signal);
  });
  child.on("close", (code, signal) => {
    if (asked !== undefined) return end(null, asked);
    if (!/^\d+\n$/.test(wish)) return end(code, signal);
    pause = setTimeout(() => {
      pause = undefined;
      start({ KEYTURN_AGAIN: "1" });
    }, Number(wish));
  });
}

function end(code, signal) {
  if (signal !== null) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else process.exit(code === null ? 1 : code);
}

/** Passes a signal on; where nothing runs that could take it, it ends this. */
function pass(signal) {
  asked = signal;
  if (pause === undefined) child.kill(signal);
  else end(null, signal);
}

start();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    asked = signal;
    // A terminal's Ctrl-C reaches the child by itself; this one only waits for it, so that the child can end in order.
    if (signal !== "SIGINT" || !process.stdin.isTTY || pause !== undefined) pass(signal);
  });
}
// Whoever kills npm kills nothing that npm has started.
const npm = process.env.npm_lifecycle_event === undefined ? undefined : process.ppid;
const look = setInterval(() => {
  if (npm === undefined || process.ppid === npm) return;
  clearInterval(look);
  pass("SIGTERM");
}, 500);
look.unref();
