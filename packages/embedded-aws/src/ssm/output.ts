/** Characters that GetCommandInvocation shows. */
export const STDOUT_LIMIT = 24_000;
export const STDERR_LIMIT = 8_000;
/** Characters that ListCommandInvocations shows of a plugin, output and errors together. */
const PLUGIN_LIMIT = 2_500;

const ERROR_TITLE = "\n----------ERROR-------\n";
const TRUNCATED = "\n---Output truncated---";

/** Output and errors in one text, cut to what a plugin's `Output` may hold. */
export function pluginOutput(stdout: string, stderr: string): string {
  const whole = stderr === "" ? stdout : `${stdout}${ERROR_TITLE}${stderr}`;
  if (whole.length <= PLUGIN_LIMIT) return whole;
  return `${whole.slice(0, PLUGIN_LIMIT - TRUNCATED.length)}${TRUNCATED}`;
}
