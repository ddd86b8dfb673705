import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import type { SeriesStore } from "../../protocol/index.ts";
import type { Definition } from "../../statemachines/definition.ts";

/** Where each version has a folder. README.md beside it says what is in there. */
export const KEPT_FOLDER = join(import.meta.dirname, "kept");

/** An instance of a kept fleet, as it was when it was kept. */
export interface Member {
  /** What the test knows it by. */
  name: string;
  id: string;
  ec2InstanceId: string;
  status: string;
  /** Of its current key; missing of one that is retired. */
  generation?: number;
  /** The key that was on its way to it. */
  pending?: { generation: number; nonce: string };
}

/** What is said of a kept fleet in `fleet.json`. */
export interface KeptFleet {
  store: SeriesStore;
  members: Member[];
  /** The last seal, as it is known outside. */
  seal: { day: string; digest: string };
}

/** The versions of which a fleet is kept. */
export function keptVersions(): string[] {
  return readdirSync(KEPT_FOLDER).sort();
}

/** What is said of a version's fleet. */
export function fleetOf(version: string): KeptFleet {
  return JSON.parse(readFileSync(join(KEPT_FOLDER, version, "fleet.json"), "utf8"));
}

/** A version's flows, by name, as its executions go on with them: with their placeholders. */
export function flowsOf(version: string): Record<string, Definition> {
  return JSON.parse(brotliDecompressSync(readFileSync(join(KEPT_FOLDER, version, "flows.json.br"))).toString());
}

/** The commands by which a version's launch template installs the agent, references written as `${LogicalId}`. */
export function installCommandsOf(version: string, store: SeriesStore): string {
  return readFileSync(join(KEPT_FOLDER, version, `install.${store}.txt`), "utf8");
}

/** Unpacks a version's agent into a file. */
export function unpackAgent(version: string, file: string): void {
  writeFileSync(file, brotliDecompressSync(readFileSync(join(KEPT_FOLDER, version, "agent.mjs.br"))));
}

/** Unpacks what the embedded AWS and the agents of a version's fleet had on disk into a folder. */
export function unpackFleet(version: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const archive = brotliDecompressSync(readFileSync(join(KEPT_FOLDER, version, "fleet.tar.br")));
  execFileSync("tar", ["-xf", "-", "-C", folder], { input: archive });
}

/** Writes all that is kept of a version. */
export function writeKept(
  version: string,
  kept: {
    fleet: KeptFleet;
    folder: string;
    agent: Buffer;
    flows: Record<string, Definition>;
    install: Record<SeriesStore, string>;
  },
): void {
  const folder = join(KEPT_FOLDER, version);
  mkdirSync(folder, { recursive: true });
  const archive = execFileSync("tar", ["-cf", "-", "-C", kept.folder, "."], { maxBuffer: 2 ** 30 });
  writeFileSync(join(folder, "fleet.json"), `${JSON.stringify(kept.fleet, null, 2)}\n`);
  writeFileSync(join(folder, "fleet.tar.br"), brotliCompressSync(archive));
  writeFileSync(join(folder, "agent.mjs.br"), brotliCompressSync(kept.agent));
  writeFileSync(join(folder, "flows.json.br"), brotliCompressSync(JSON.stringify(kept.flows)));
  for (const [store, commands] of Object.entries(kept.install)) {
    writeFileSync(join(folder, `install.${store}.txt`), `${commands}\n`);
  }
}
