import { writeSync } from "node:fs";

/** The launcher's pipe to this process, and the variable by which it says that it has started it again (tools/node.mjs). */
const LAUNCHER_PIPE = 3;
const AGAIN = "KEYTURN_AGAIN";

/** Whether the launcher has started this process again, after one that was killed and wanted that. */
export function isStartedAgain(environment: NodeJS.ProcessEnv = process.env): boolean {
  return environment[AGAIN] !== undefined;
}

/**
 * What kills this process at once, as nothing may catch (SIGKILL), and has the launcher start it again after a pause. Undefined
 * where it was not started by the launcher, so that nobody would.
 */
export function killAndStartAgain(
  environment: NodeJS.ProcessEnv = process.env,
): ((pauseMs: number) => void) | undefined {
  if (environment.KEYTURN_LAUNCHER !== String(process.ppid)) return undefined;
  return (pauseMs) => {
    writeSync(LAUNCHER_PIPE, `${pauseMs}\n`);
    process.kill(process.pid, "SIGKILL");
  };
}
