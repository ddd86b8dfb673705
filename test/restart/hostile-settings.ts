import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/** Everything that somebody may have set for the real AWS, all of which leads astray. */
export interface HostileSettings {
  /** Beside PATH, the whole environment of who has set it. */
  environment: Record<string, string>;
  /** What was asked of it: one sentence for each connection or credentials. */
  asked(): string[];
  close(): void;
}

/** Everything that SDK, CLI and Node read, in the environment and in the files of a home folder. */
export async function hostileSettings(folder: string): Promise<HostileSettings> {
  const asked: string[] = [];
  const elsewhere = createServer((socket) => {
    asked.push("a connection to where the settings lead");
    socket.destroy();
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  const address = elsewhere.address();
  if (address === null || typeof address === "string") throw new Error("there is no port");
  const url = `http://127.0.0.1:${address.port}`;

  const home = join(folder, "home");
  mkdirSync(join(home, ".aws"), { recursive: true });
  const process = join(home, "credentials-process");
  const ran = join(home, "ran");
  writeFileSync(process, `#!/bin/sh\ntouch ${ran}\nexit 1\n`);
  chmodSync(process, 0o755);
  const config = `region = eu-west-1
use_fips_endpoint = true
use_dualstack_endpoint = true
ignore_configured_endpoint_urls = true
endpoint_url = ${url}
credential_process = ${process}
services = elsewhere
`;
  writeFileSync(
    join(home, ".aws", "config"),
    `[default]\n${config}[profile work]\n${config}[services elsewhere]\n${SERVICES.map(
      (name) => `${name} =\n  endpoint_url = ${url}\n`,
    ).join("")}`,
  );
  writeFileSync(join(home, ".aws", "credentials"), `[default]\ncredential_process = ${process}\n`);
  return {
    environment: {
      HOME: home,
      AWS_PROFILE: "work",
      AWS_DEFAULT_PROFILE: "gone",
      AWS_CONFIG_FILE: join(home, ".aws", "config"),
      AWS_SHARED_CREDENTIALS_FILE: join(home, ".aws", "credentials"),
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_SESSION_TOKEN: "of somebody else",
      AWS_USE_FIPS_ENDPOINT: "true",
      AWS_USE_DUALSTACK_ENDPOINT: "true",
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true",
      AWS_ENDPOINT_URL: url,
      ...Object.fromEntries(SERVICES.map((name) => [`AWS_ENDPOINT_URL_${name.toUpperCase()}`, url])),
      AWS_EC2_METADATA_SERVICE_ENDPOINT: url,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
      AWS_MAX_ATTEMPTS: "none",
      HTTP_PROXY: url,
      http_proxy: url,
      HTTPS_PROXY: url,
      NODE_USE_ENV_PROXY: "1",
    },
    asked: () => [...asked, ...(existsSync(ran) ? ["credentials of a program"] : [])],
    close: () => elsewhere.close(),
  };
}

/** Those that Keyturn calls, as the files name them. */
const SERVICES = [
  "dynamodb",
  "ec2",
  "eventbridge",
  "kms",
  "lambda",
  "sfn",
  "sns",
  "ssm",
  "timestream_query",
  "timestream_write",
];
