/** Settings that the file may hold; the environment may hold them too. */
const NAMES = [
  "KEYTURN_REGISTRATION_URL",
  "KEYTURN_STATE_DIR",
  "KEYTURN_HOOKS_DIR",
  "KEYTURN_HOOK_TIMEOUT_SECONDS",
  "KEYTURN_TIME_SERIES",
  "KEYTURN_TIMESTREAM_DATABASE",
  "KEYTURN_TIMESTREAM_TABLE",
  "KEYTURN_SERIES_TABLE",
  "KEYTURN_TICKET_TABLE",
  "KEYTURN_NONCE",
  "AWS_REGION",
  "AWS_EC2_METADATA_SERVICE_ENDPOINT",
  "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
  "AWS_USE_DUALSTACK_ENDPOINT",
  "AWS_USE_FIPS_ENDPOINT",
];

/** A service of another AWS than the real one, or all of them. */
export const OTHER_ENDPOINT = /^AWS_ENDPOINT_URL(_[A-Z_]+)?$/;

/**
 * Reads a settings file: `NAME=VALUE` a line, empty lines, and comments that begin with `#`. A value may stand in
 * quotes.
 *
 * @param problems where a line that cannot be understood is reported, with its number
 */
export function parseSettingsFile(text: string, path: string, problems: string[]): Map<string, string> {
  const settings = new Map<string, string>();
  text.split("\n").forEach((raw, index) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return;
    const where = `${path}, line ${index + 1}`;
    const [, name, value] = /^([A-Z][A-Z0-9_]*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) problems.push(`${where}: not of the form NAME=VALUE`);
    else if (!NAMES.includes(name) && !OTHER_ENDPOINT.test(name)) {
      problems.push(`${where}: there is no setting ${name}`);
    } else settings.set(name, value.replace(/^(["'])(.*)\1$/, "$2"));
  });
  return settings;
}
