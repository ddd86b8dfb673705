import type { Parts } from "../parts.ts";
import type { InstanceState } from "./shell.ts";

/** What is kept of an instance. */
export interface InstanceRow {
  id: string;
  ip: string;
  state: InstanceState;
  /** Milliseconds since 1970. */
  launched: number;
  /** Of all that one RunInstances launched. */
  reservation: string;
}

/** An instance that was launched before reservations were kept has one of its own. */
const ROWS = `SELECT ec2_instances.*, coalesce(reservation, 'r-' || substr(id, 3)) AS reservation
  FROM ec2_instances LEFT JOIN ec2_reservations ON instanceId = id`;

/** The instances in the store. */
export class InstanceStore {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.store.db.exec(
      `CREATE TABLE IF NOT EXISTS ec2_instances (
         id TEXT PRIMARY KEY, ip TEXT NOT NULL, state TEXT NOT NULL, launched INTEGER NOT NULL) STRICT;
       CREATE TABLE IF NOT EXISTS ec2_reservations (instanceId TEXT PRIMARY KEY, reservation TEXT NOT NULL) STRICT`,
    );
  }

  /** Adds an instance that is about to start. */
  add(reservation: string): InstanceRow {
    const { store, clock } = this.#parts;
    const row: InstanceRow = {
      id: this.newId("i"),
      ip: this.freeIp(),
      state: "pending",
      launched: clock.now(),
      reservation,
    };
    store.db.prepare("INSERT INTO ec2_instances VALUES (?, ?, ?, ?)").run(row.id, row.ip, row.state, row.launched);
    store.db.prepare("INSERT INTO ec2_reservations VALUES (?, ?)").run(row.id, reservation);
    return row;
  }

  newId(kind: "i" | "r"): string {
    return `${kind}-${this.#parts.random(9).toString("hex").slice(0, 17)}`;
  }

  find(id: string): InstanceRow | undefined {
    return this.#parts.store.db.prepare(`${ROWS} WHERE id = ?`).get(id) as InstanceRow | undefined;
  }

  /** All of them, in the order in which they were launched. */
  all(): InstanceRow[] {
    return this.#parts.store.db.prepare(`${ROWS} ORDER BY ec2_instances.rowid`).all() as unknown as InstanceRow[];
  }

  /** One that is about to start again is launched anew, as EC2 has it: its launch time is that of its last start. */
  setState(id: string, state: InstanceState): void {
    const { store, clock } = this.#parts;
    const launched = state === "pending" ? clock.now() : null;
    store.db
      .prepare("UPDATE ec2_instances SET state = ?, launched = coalesce(?, launched) WHERE id = ?")
      .run(state, launched, id);
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
