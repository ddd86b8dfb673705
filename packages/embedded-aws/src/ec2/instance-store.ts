import type { Parts } from "../parts.ts";
import type { InstanceState } from "./shell.ts";

/** What is kept of an instance. */
export interface InstanceRow {
  id: string;
  ip: string;
  state: InstanceState;
  /** Milliseconds since 1970. */
  launched: number;
}

/** The instances in the store. */
export class InstanceStore {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.store.db.exec(
      `CREATE TABLE IF NOT EXISTS ec2_instances (
         id TEXT PRIMARY KEY, ip TEXT NOT NULL, state TEXT NOT NULL, launched INTEGER NOT NULL) STRICT`,
    );
  }

  /** Adds an instance that is about to start. */
  add(): InstanceRow {
    const { store, random, clock } = this.#parts;
    const id = `i-${random(9).toString("hex").slice(0, 17)}`;
    const row: InstanceRow = { id, ip: this.freeIp(), state: "pending", launched: clock.now() };
    store.db.prepare("INSERT INTO ec2_instances VALUES (?, ?, ?, ?)").run(row.id, row.ip, row.state, row.launched);
    return row;
  }

  find(id: string): InstanceRow | undefined {
    return this.#parts.store.db.prepare("SELECT * FROM ec2_instances WHERE id = ?").get(id) as InstanceRow | undefined;
  }

  /** All of them, in the order in which they were launched. */
  all(): InstanceRow[] {
    return this.#parts.store.db.prepare("SELECT * FROM ec2_instances ORDER BY rowid").all() as unknown as InstanceRow[];
  }

  setState(id: string, state: InstanceState): void {
    this.#parts.store.db.prepare("UPDATE ec2_instances SET state = ? WHERE id = ?").run(state, id);
  }

  setIp(id: string, ip: string): void {
    this.#parts.store.db.prepare("UPDATE ec2_instances SET ip = ? WHERE id = ?").run(ip, id);
  }

  /** An address of 10.0.0.0/16 that no instance has. */
  freeIp(): string {
    const taken = new Set(this.all().map(({ ip }) => ip));
    for (;;) {
      const [third = 0, fourth = 0] = this.#parts.random(2);
      // AWS keeps the first four addresses of a subnet and the last one for itself.
      const ip = `10.0.${third}.${4 + (fourth % 251)}`;
      if (!taken.has(ip)) return ip;
    }
  }
}
