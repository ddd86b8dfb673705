import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Place } from "../functions/clients/aws-under-test.ts";

/** Where `test/second-opinion/install` puts the emulators and the linter, unless the environment names another folder. */
export const FOLDER = resolve(
  process.env.KEYTURN_SECOND_OPINION ?? fileURLToPath(new URL("../../.second-opinion", import.meta.url)),
);
const PINNED = fileURLToPath(new URL("./requirements.txt", import.meta.url));

/** Why the emulators and the linter cannot be started, and what to do; nothing when they are there in the pinned versions. */
export function missing(): string | undefined {
  const installed = join(FOLDER, "requirements.txt");
  if (!existsSync(installed))
    return `neither emulators nor cfn-lint in ${FOLDER}: test/second-opinion/install puts them there`;
  if (readFileSync(installed, "utf8") === readFileSync(PINNED, "utf8")) return undefined;
  return `other versions than the pinned ones in ${FOLDER}: run test/second-opinion/install again`;
}

/** How an emulator is started: a Python module, its arguments, and what goes into its environment. */
interface Program {
  module: string;
  arguments(port: number): string[];
  environment(port: number): Record<string, string>;
  /** A path that it answers once it is up. */
  ready: string;
  /** What it is told once it is up, if anything. */
  setUp?(endpoint: string): Promise<unknown>;
}

export const EMULATORS = {
  ministack: {
    module: "ministack",
    arguments: () => [],
    environment: (port) => ({
      GATEWAY_PORT: String(port),
      // It would listen on every interface, and on a port for MQTT, which can be bound to no other.
      BIND_HOST: "127.0.0.1",
      IOT_MTLS_ENABLED: "0",
    }),
    ready: "/_ministack/ready",
  },
  moto: {
    module: "moto.server",
    arguments: (port) => ["--host", "127.0.0.1", "--port", String(port)],
    environment: () => ({}),
    ready: "/moto-api/",
    // Left to itself, it only keeps definitions.
    setUp: (endpoint) =>
      fetch(`${endpoint}/moto-api/config`, {
        method: "POST",
        body: JSON.stringify({ stepfunctions: { execute_state_machine: true } }),
      }),
  },
} satisfies Record<string, Program>;

export type EmulatorName = keyof typeof EMULATORS;

/** An emulator that is up, on loopback only. */
export interface Emulator {
  place: Place;
  pid: number;
  /** Ends its process, and waits until it has ended. */
  close(): Promise<void>;
}

/**
 * Starts an emulator, and waits until it answers.
 *
 * @throws Error with what it printed when it ends instead, or does not answer within a minute
 */
export async function startEmulator(name: EmulatorName): Promise<Emulator> {
  const program: Program = EMULATORS[name];
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), `keyturn-${name}-`));
  // The Python that the packages were installed for, and nothing else of this machine's own: no configuration of AWS, no
  // other packages, no Docker.
  const python = readFileSync(join(FOLDER, "python"), "utf8");
  const child = spawn(python, ["-s", "-m", program.module, ...program.arguments(port)], {
    cwd: folder,
    env: {
      HOME: folder,
      TMPDIR: folder,
      PYTHONPATH: FOLDER,
      DOCKER_HOST: "unix:///nowhere",
      ...program.environment(port),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said += chunk;
    });
  }
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      said += error;
      resolve();
    });
    child.once("close", () => resolve());
  });
  // Should the tests break off, it goes with them.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const close = async () => {
    await end(child, ended);
    process.off("exit", kill);
    rmSync(folder, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await answers(`${endpoint}${program.ready}`, ended);
    await program.setUp?.(endpoint);
  } catch (error) {
    await close();
    throw new Error(`${name} did not start: ${(error as Error).message}\n${said}`);
  }
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return { place: { endpoint, region: "us-east-1", credentials }, pid: child.pid ?? 0, close };
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill("SIGTERM");
  // One that does not listen must not stay behind.
  const late = setTimeout(() => child.kill("SIGKILL"), 5000);
  await ended;
  clearTimeout(late);
}

async function answers(address: string, ended: Promise<void>): Promise<void> {
  let hasEnded = false;
  ended.then(() => {
    hasEnded = true;
  });
  const start = Date.now();
  while (!hasEnded) {
    const answer = await fetch(address).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() - start > 60_000) throw new Error("it did not answer within a minute");
    await pause(100);
  }
  throw new Error("it ended");
}

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("the system gave no port");
  return address.port;
}
