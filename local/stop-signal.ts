const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** One Ctrl-C may arrive several times: from the terminal, from npm, and from the launcher. */
const SAME_MS = 1000;
const LOOK_MS = 500;
/** What a shell makes of a process that Ctrl-C ended. */
export const INTERRUPTED = 130;

/**
 * Calls `stop` once, when this process is asked to end: by Ctrl-C or a signal, because nobody reads its output any more,
 * or because the launcher that started it (tools/node.mjs) was killed. Who asks again later wants it at once.
 */
export function whenAskedToStop(stop: () => void): void {
  let askedAt: number | undefined;
  const ask = () => {
    if (askedAt !== undefined) {
      if (Date.now() - askedAt > SAME_MS) process.exit(INTERRUPTED);
      return;
    }
    askedAt = Date.now();
    stop();
  };
  for (const signal of SIGNALS) process.on(signal, ask);
  // Whoever read along has gone, as `head` does.
  process.stdout.on("error", () => {
    if (askedAt === undefined) ask();
  });

  // Also an ancestor may be the launcher, as of the tests; then it is for others to look.
  const launcher = process.ppid;
  if (process.env.KEYTURN_LAUNCHER !== String(launcher)) return;
  const look = setInterval(() => {
    if (process.ppid === launcher) return;
    clearInterval(look);
    ask();
  }, LOOK_MS);
  look.unref();
}
