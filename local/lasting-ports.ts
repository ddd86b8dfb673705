import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastingPort } from "./port.ts";

const FILE = "ports.json";

/**
 * Chooses ports for those that are named: those of earlier starts on this folder, as far as they can be had, and never one that
 * another has there.
 *
 * @param folder the data folder
 */
export async function lastingPorts<Name extends string>(
  folder: string,
  names: readonly Name[],
): Promise<Record<Name, number>> {
  const file = join(folder, FILE);
  const kept = readPorts(file);
  for (const name of names) {
    const { [name]: former, ...others } = kept;
    kept[name] = await lastingPort(former, Object.values(others));
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify(kept)}\n`);
  return Object.fromEntries(names.map((name) => [name, kept[name]])) as Record<Name, number>;
}

/** What former starts chose; nothing where they chose nothing, or the file is no such thing. */
function readPorts(file: string): Record<string, number> {
  try {
    const kept: Record<string, unknown> = JSON.parse(readFileSync(file, "utf8"));
    return Object.fromEntries(
      Object.entries(kept).filter((one): one is [string, number] => typeof one[1] === "number" && isPort(one[1])),
    );
  } catch {
    return {};
  }
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value < 65_536;
}
