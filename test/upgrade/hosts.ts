import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type AgentProgram, REGION } from "embedded-aws";
import { placesIn } from "../../agent/state/places.ts";
import { functionNameOf, STEPS } from "../../functions/steps.ts";
import { keyFolder, type TestFleet } from "../flows/support.ts";

/** What an installation puts on a host. */
export interface Installation {
  /** Path of the agent's bundle. */
  bundle: string;
  /** The settings file, as the commands of a template write it. */
  settings: string;
}

/**
 * The agent as each host has it installed in its own folder, of whichever version. Of its settings file only what is
 * elsewhere here is set over: the endpoints, the Region and the folders.
 */
export function installedAgent(endpoint: string): AgentProgram {
  const [register] = STEPS;
  const run = `exec '${process.execPath}' --disable-warning=ExperimentalWarning "$HOME/opt/keyturn-agent.mjs" "$@"`;
  return {
    name: "keyturn-agent",
    command: ["/bin/sh", "-c", run, "keyturn-agent"],
    arguments: ["run"],
    environment: ({ folder, metadataEndpoint }) => ({
      KEYTURN_CONFIG: join(folder, "etc", "agent.conf"),
      KEYTURN_REGISTRATION_URL: `${endpoint}/_function-url/${functionNameOf(register)}/`,
      KEYTURN_STATE_DIR: join(folder, "state"),
      KEYTURN_HOOKS_DIR: join(folder, "hooks.d"),
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL: endpoint,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: metadataEndpoint,
    }),
  };
}

/** Puts an agent and its settings on a host; an agent that runs there goes on until it is restarted. */
export function install(hostFolder: string, { bundle, settings }: Installation): void {
  for (const folder of ["opt", "etc"]) mkdirSync(join(hostFolder, folder), { recursive: true });
  const place = join(hostFolder, "opt", "keyturn-agent.mjs");
  copyFileSync(bundle, `${place}.next`);
  renameSync(`${place}.next`, place);
  writeFileSync(join(hostFolder, "etc", "agent.conf"), settings);
}

/** Sends a signal to the agent that runs on a host; one that ends by it is started again at once. */
export function endAgent(fleet: TestFleet, ec2InstanceId: string, signal: NodeJS.Signals): void {
  const { progress } = placesIn(keyFolder(fleet.aws, ec2InstanceId));
  process.kill(JSON.parse(readFileSync(progress, "utf8")).pid, signal);
}

/** Whether `keyturn-agent status` finds nothing wrong on a host. */
export async function isWell(fleet: TestFleet, ec2InstanceId: string): Promise<boolean> {
  const folder = fleet.aws.instances.folderOf(ec2InstanceId);
  const env = { PATH: process.env.PATH, HOME: folder };
  try {
    // The host's metadata service is in this process, which must not wait for the command.
    await promisify(execFile)(join(folder, "bin", "keyturn-agent"), ["status"], { env });
    return true;
  } catch {
    return false;
  }
}
