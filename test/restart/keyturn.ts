import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { REGION } from "embedded-aws";
import { expect, vi } from "vitest";
import type { KeyFile } from "../../agent/state/key-file.ts";
import { DemoFleet } from "../../local/demo/fleet.ts";
import { Rotations } from "../../local/demo/rotations.ts";
import { processesThatName } from "./processes.ts";

const START = fileURLToPath(new URL("../../local/start.ts", import.meta.url));

export interface Ended {
  code: number | null;
  signal: string | null;
  out: string;
  err: string;
}

/** `npm start` as a process. */
export interface Keyturn {
  /** For the SDK's clients; the endpoint of the latest one started stands in AWS_ENDPOINT_URL. */
  config: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  fleet: DemoFleet;
  rotations: Rotations;
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Everything that it has said on standard output. */
  said(): string;
  /** Sends a signal, and waits until neither it nor any process of its instances is left. */
  end(signal: "SIGKILL" | "SIGINT"): Promise<Ended>;
}

/** Runs `npm start` with options, whatever comes of it; in an environment of its own, if one is given. */
export function run(
  options: string[],
  env: NodeJS.ProcessEnv = process.env,
): { child: ChildProcess; ended: Promise<Ended>; said: () => string } {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", START, ...options], { env });
  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    said.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    said.err += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, ...said }));
  });
  return { child, ended, said: () => said.out };
}

/**
 * Starts `npm start` on a data folder, and waits until it says where it is.
 *
 * @param more.database whether with a database, which takes its time, and lies outside of a root's folder; and with a token
 */
export async function startKeyturn(
  data: string,
  options: string[] = [],
  { database = false }: { database?: boolean } = {},
): Promise<Keyturn> {
  const all = ["--data", data, "--port", "0", ...(database ? [] : ["--no-database", "--no-token"]), ...options];
  const { child, ended, said } = run(all);
  const value = (name: string) => new RegExp(`^export ${name}=(.+)$`, "m").exec(said())?.[1];
  const died = ended.then(({ err }) => {
    throw new Error(`npm start ended before it was up: ${err}`);
  });
  await Promise.race([died, vi.waitFor(() => expect(value("AWS_DEFAULT_REGION")).toBe(REGION), { timeout: 60_000 })]);
  died.catch(() => undefined); // From here on it may end.
  const endpoint = value("AWS_ENDPOINT_URL") ?? "";
  const credentials = {
    accessKeyId: value("AWS_ACCESS_KEY_ID") ?? "",
    secretAccessKey: value("AWS_SECRET_ACCESS_KEY") ?? "",
  };
  const config = { endpoint, region: REGION, credentials };
  process.env.AWS_ENDPOINT_URL = endpoint;
  const patience = AbortSignal.timeout(300_000);
  const fleet = new DemoFleet(config, patience);
  const rotations = new Rotations(config, patience);
  return {
    config,
    fleet,
    rotations,
    child,
    ended,
    said,
    async end(signal) {
      child.kill(signal);
      const how = await ended;
      fleet.close();
      rotations.close();
      await vi.waitFor(() => expect(processesThatName(data)).toEqual([]), { timeout: 5_000 });
      return how;
    },
  };
}

/** The EC2 instances that have a folder. */
export function machines(data: string): string[] {
  const folder = join(data, "instances");
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** What an instance holds on its disk. */
export function keyFile(data: string, ec2InstanceId: string): KeyFile {
  return JSON.parse(readFileSync(join(data, "instances", ec2InstanceId, "state", "key.json"), "utf8"));
}

/** The store of the embedded AWS, to look into: in what it keeps to itself there is no other way. */
export function lookInto<T>(data: string, look: (store: DatabaseSync) => T): T {
  const store = new DatabaseSync(join(data, "aws.sqlite"), { readOnly: true });
  try {
    return look(store);
  } finally {
    store.close();
  }
}

/** The subjects of the mails in the inbox, in the order in which they came. */
export function mailsIn(data: string): string[] {
  return lookInto(data, (store) =>
    store.prepare("SELECT subject FROM mail_inbox ORDER BY receivedAt, rowid").all(),
  ).map((row) => String(row.subject));
}
