import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastingPort } from "../port.ts";

/** Where on 127.0.0.1 the database and the two applications listen. */
export interface OrdersPorts {
  database: number;
  web: number;
  pool: number;
}

const FILE = "ports.json";
const NAMES = ["database", "web", "pool"] as const;

/**
 * Chooses ports: those of earlier starts on this folder, as far as they can be had. The secret names the database's, and
 * somebody may have a page open.
 *
 * @param folder the data folder
 */
export async function choosePorts(folder: string): Promise<OrdersPorts> {
  const file = join(folder, FILE);
  const former = readPorts(file);
  const ports: number[] = [];
  for (const name of NAMES) ports.push(await lastingPort(former[name], ports));
  const [database = 0, web = 0, pool = 0] = ports;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(file, `${JSON.stringify({ database, web, pool })}\n`);
  return { database, web, pool };
}

/** What a former start chose; nothing where it chose nothing, or its file is no such thing. */
function readPorts(file: string): { [Name in keyof OrdersPorts]?: number } {
  try {
    const kept: Record<string, unknown> = JSON.parse(readFileSync(file, "utf8"));
    return Object.fromEntries(NAMES.flatMap((name) => (isPort(kept[name]) ? [[name, kept[name]]] : [])));
  } catch {
    return {};
  }
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536;
}
