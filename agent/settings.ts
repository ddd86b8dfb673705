import {
  FORMS,
  HOOKS_SECONDS,
  NONCE_MODES,
  type NonceMode,
  type SampleStore,
  SERIES_STORES,
} from "../protocol/index.ts";
import { Failure } from "./failure.ts";
import { OTHER_ENDPOINT, parseSettingsFile } from "./settings-file.ts";

export interface AgentSettings {
  /** The registration function's URL. */
  registrationUrl: URL;
  stateFolder: string;
  hooksFolder: string;
  /** For one hook. */
  hookTimeoutMs: number;
  /** Where samples go until an answer to a registration has said where. */
  series: SampleStore;
  /** Where this instance's ticket lies. */
  ticketTable: string;
  /** `none` accepts tickets with an empty nonce: the compatibility mode of the original exercise. */
  nonce: NonceMode;
  /** Else the metadata service tells. */
  region: string | undefined;
  metadataEndpoint: URL;
}

/** Variables as in `process.env`. */
export type Environment = Record<string, string | undefined>;

const DEFAULT_FILE = "/etc/keyturn/agent.conf";

/**
 * Reads the settings: environment variables first, then the settings file.
 *
 * @param readText gives the text of a file, or undefined if there is none; throws if it cannot be read
 * @returns the settings, and the variables that the AWS SDK is to read from its environment by itself
 * @throws Failure with every missing or malformed setting in one message
 */
export function readAgentSettings(
  environment: Environment,
  readText: (path: string) => string | undefined,
): { settings: AgentSettings; forSdk: Record<string, string> } {
  const problems: string[] = [];
  const path = environment.KEYTURN_CONFIG ?? DEFAULT_FILE;
  const text = readText(path);
  if (text === undefined && environment.KEYTURN_CONFIG !== undefined) {
    problems.push(`KEYTURN_CONFIG names ${path}, which does not exist`);
  }
  const file = parseSettingsFile(text ?? "", path, problems);

  // An empty variable counts as unset: it is what a unit file or a shell leaves when there is nothing to say.
  const value = (name: string) => environment[name] || file.get(name) || undefined;
  const tableName = (name: string): string => {
    const given = value(name);
    if (given === undefined) problems.push(`${name} is missing`);
    else if (!FORMS.tableName.test(given)) problems.push(`${name} must be the name of a table or database`);
    return given ?? "";
  };
  const oneOf = <T extends string>(name: string, choices: readonly [T, ...T[]]): T => {
    const given = value(name) ?? choices[0];
    const found = choices.find((choice) => choice === given);
    if (found === undefined) problems.push(`${name} must be ${choices.join(" or ")}`);
    return found ?? choices[0];
  };
  const folder = (name: string, otherwise: string): string => {
    const given = value(name) ?? otherwise;
    if (!given.startsWith("/")) problems.push(`${name} must be an absolute path`);
    // The agent shuts its folder to everybody else.
    else if (/^\/+$/.test(given)) problems.push(`${name} must be a folder of its own`);
    return given.replace(/(.)\/+$/, "$1");
  };
  const seconds = (name: string, otherwise: number, most: number): number => {
    const given = value(name) ?? String(otherwise);
    const valid = /^[1-9]\d{0,5}$/.test(given) && Number(given) <= most;
    if (!valid) problems.push(`${name} must be whole seconds from 1 to ${most}`);
    return valid ? Number(given) : otherwise;
  };

  const settings: AgentSettings = {
    registrationUrl: registrationUrl(value("KEYTURN_REGISTRATION_URL"), problems),
    stateFolder: folder("KEYTURN_STATE_DIR", "/var/lib/keyturn"),
    hooksFolder: folder("KEYTURN_HOOKS_DIR", "/etc/keyturn/hooks.d"),
    hookTimeoutMs: seconds("KEYTURN_HOOK_TIMEOUT_SECONDS", 30, HOOKS_SECONDS) * 1000,
    series:
      oneOf("KEYTURN_TIME_SERIES", SERIES_STORES) === "timestream"
        ? {
            kind: "timestream",
            database: tableName("KEYTURN_TIMESTREAM_DATABASE"),
            table: tableName("KEYTURN_TIMESTREAM_TABLE"),
          }
        : { kind: "dynamodb", table: tableName("KEYTURN_SERIES_TABLE") },
    ticketTable: tableName("KEYTURN_TICKET_TABLE"),
    nonce: oneOf("KEYTURN_NONCE", NONCE_MODES),
    region: region(value("AWS_REGION"), problems),
    metadataEndpoint: metadataEndpoint(
      value("AWS_EC2_METADATA_SERVICE_ENDPOINT"),
      value("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"),
      problems,
    ),
  };
  const others = [...file.keys(), ...Object.keys(environment)].filter(
    (name) => OTHER_ENDPOINT.test(name) && value(name),
  );
  // Always said to the SDK, which takes an empty variable for a wrong one.
  const kinds: Record<string, string> = {};
  for (const name of ["AWS_USE_DUALSTACK_ENDPOINT", "AWS_USE_FIPS_ENDPOINT"]) {
    kinds[name] = oneOf(name, ["false", "true"]);
    if (kinds[name] === "true" && others.length > 0) {
      problems.push(`${name} is about AWS's own endpoints, and ${others[0]} names another: take one of them away`);
    }
  }
  if (problems.length > 0) {
    throw new Failure(
      `The settings are not right (environment, or ${path}):\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
    );
  }
  const forSdk = [...file].filter(([name]) => name.startsWith("AWS_") && !environment[name]);
  return { settings, forSdk: { ...Object.fromEntries(forSdk), ...kinds, ...NO_OTHER_FILES } };
}

/**
 * The SDK would also read root's `~/.aws/config`, which a turn finds and the daemon, whose unit hides homes, does not: the two
 * would reach different endpoints.
 */
const NO_OTHER_FILES = { AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" };

function registrationUrl(given: string | undefined, problems: string[]): URL {
  const url = URL.parse(given ?? "");
  const loopback = url !== null && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (given === undefined) problems.push("KEYTURN_REGISTRATION_URL is missing");
  else if (url === null || !(url.protocol === "https:" || (url.protocol === "http:" && loopback))) {
    problems.push("KEYTURN_REGISTRATION_URL must be an https:// URL (http:// only on this machine)");
  }
  return url ?? new URL("https://localhost/");
}

function region(given: string | undefined, problems: string[]): string | undefined {
  if (given !== undefined && !/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(given)) problems.push("AWS_REGION must be a Region");
  return given;
}

const METADATA = { ipv4: "http://169.254.169.254", ipv6: "http://[fd00:ec2::254]" };

/** As the AWS SDKs have it: an endpoint counts more than a mode. */
function metadataEndpoint(given: string | undefined, mode: string | undefined, problems: string[]): URL {
  const known = (mode ?? "IPv4").toLowerCase();
  if (known !== "ipv4" && known !== "ipv6") {
    problems.push("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE must be IPv4 or IPv6");
  }
  const url = URL.parse(given ?? METADATA[known === "ipv6" ? "ipv6" : "ipv4"]);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    problems.push("AWS_EC2_METADATA_SERVICE_ENDPOINT must be an http:// URL");
  }
  return url ?? new URL(METADATA.ipv4);
}
