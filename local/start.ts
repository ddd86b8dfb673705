import { join } from "node:path";
import { doublingBySeed, type EmbeddedAws, Faults } from "embedded-aws";
import { NAMES } from "../infra/wiring.ts";
import { forgetAwsSettings } from "./aws-settings.ts";
import { FolderError, takeDataFolder } from "./data-folder.ts";
import { flowArn } from "./deploy-data.ts";
import { startFleet } from "./fleet.ts";
import { appendLog } from "./log.ts";
import { Narrator } from "./narrator.ts";
import { HELP, type Options, readOptions, UsageError } from "./options.ts";
import { demandPort, PortError } from "./port.ts";
import { whenAskedToStop } from "./stop-signal.ts";

/** `npm start`: Keyturn on this machine, until Ctrl-C. */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === "help") {
    process.stdout.write(HELP);
    return 0;
  }
  forgetAwsSettings();
  const stopped = new Promise<void>((resolve) => whenAskedToStop(resolve));
  const data = takeDataFolder(options.data);
  let isUp = false;
  try {
    await demandPort(options.port);
    if (options.fresh) data.empty();
    const write = (line: string) => process.stdout.write(`${line}\n`);
    const narrator = new Narrator({ write, now: Date.now, everySeconds: options.everySeconds });
    const aws = await start(options, data.path, narrator);
    isUp = true;
    introduce(aws, options, write);
    const missing = options.agents - aws.instances.list().filter(({ state }) => state !== "terminated").length;
    if (missing > 0) aws.instances.launch(missing);
    await stopped;
    narrator.tell("Stopping. Everything is kept in the data folder; the next npm start goes on from here.");
    await aws.close();
    return 0;
  } finally {
    data.release({ undone: !isUp });
  }
}

function start(options: Options, folder: string, narrator: Narrator): Promise<EmbeddedAws> {
  const { everySeconds, samplesSeconds, faults } = options;
  return startFleet({
    port: options.port,
    folder,
    log: appendLog(join(folder, "aws.log")),
    settings: {
      sampleIntervalSeconds: samplesSeconds,
      rotateEverySeconds: everySeconds,
      // All agents share this machine's clock.
      allowedSkewSeconds: 1,
      nonceMode: "hmac",
      pushTimeoutSeconds: 20,
    },
    scheduleSeconds: Math.max(1, Math.floor(everySeconds / 10)),
    onCall: (call) => narrator.onCall(call),
    onEvent: (event) => narrator.onEvent(event),
    onMail: ({ subject }) => narrator.onMail(subject),
    ...(faults !== undefined && { faults: new Faults(faults), doubled: doublingBySeed(faults, 0.05) }),
  });
}

function introduce(aws: EmbeddedAws, options: Options, write: (line: string) => void): void {
  const { accessKeyId, secretAccessKey } = aws.credentials;
  write(`Keyturn on this machine: a stand-in for AWS on loopback, and ${options.agents} agents as processes.`);
  write(
    `A key is turned when it is ${options.everySeconds} s old. Everything is kept in ${options.data}. Ctrl-C stops it.`,
  );
  write("");
  write("To look at it with the AWS CLI, paste these with `export` before each:");
  write(`AWS_ENDPOINT_URL=${aws.endpoint}`);
  write(`AWS_ACCESS_KEY_ID=${accessKeyId}`);
  write(`AWS_SECRET_ACCESS_KEY=${secretAccessKey}`);
  write(`AWS_DEFAULT_REGION=${aws.region}`);
  write("Commands worth trying (AWS CLI before 2.13: add --endpoint-url $AWS_ENDPOINT_URL):");
  write(`  aws dynamodb scan --table-name ${NAMES.instanceTable} --query 'Items[].[id.S,current.M.generation.N]'`);
  write(`  aws stepfunctions list-executions --max-items 3 --state-machine-arn ${flowArn("rotation")}`);
  write("  aws ssm list-commands --max-items 3 --query 'Commands[].[Status,Comment,Parameters]'");
  write("");
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsers = [UsageError, FolderError, PortError].some((kind) => error instanceof kind);
  if (!isUsers) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
