import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What the embedded AWS keeps everything in, the secret as well; beside it lie files whose names begin the same. */
export const DATABASE = "aws.sqlite";

/** A secret as it may stand somewhere: its text, hexadecimal, and in base64 at any alignment. */
export function formsOf(secret: string): string[] {
  const base64 = [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]).toString("base64");
    // The characters at both ends depend on what stands before and behind.
    return padded.slice(offset === 0 ? 0 : 4, -4);
  });
  return [secret, Buffer.from(secret).toString("hex"), ...base64];
}

/** The tables of a database of SQLite in which something stands. */
export function tablesHolding(file: string, holds: (text: string) => boolean): string[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    return tables.flatMap(({ name }) => {
      const rows = db.prepare(`SELECT * FROM "${name}"`);
      rows.setReadBigInts(true);
      const values = rows.all().flatMap(Object.values);
      const text = values.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value));
      return text.some((value) => holds(String(value))) ? [String(name)] : [];
    });
  } finally {
    db.close();
  }
}

/** Every file below a folder, with what is in it; without those that are gone again before they can be read. */
export function filesBelow(folder: string): { name: string; text: string }[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap((file) => {
    try {
      return { name: file.name, text: readFileSync(join(file.parentPath, file.name), "latin1") };
    } catch (error) {
      // The agents, and the database, are at work.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  });
}
