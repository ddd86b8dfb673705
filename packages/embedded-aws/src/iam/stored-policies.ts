import { AwsError } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { type CompiledStatement, compilePolicy } from "./statement.ts";

/** The policies that resources of a service were created with, in the store, each read once a process. */
export class StoredPolicies {
  readonly #db: Parts["store"]["db"];
  readonly #table: string;
  readonly #compiled = new Map<string, readonly CompiledStatement[]>();

  constructor({ store }: Parts, table: string) {
    this.#db = store.db;
    this.#table = table;
    this.#db.exec(`CREATE TABLE IF NOT EXISTS ${table} (arn TEXT PRIMARY KEY, policy TEXT NOT NULL) WITHOUT ROWID`);
  }

  /**
   * Keeps a resource's policy.
   *
   * @param code of the error of the service for a policy that it does not take
   */
  put(arn: string, policy: string, code: string): void {
    try {
      this.#compiled.set(arn, compilePolicy(policy, arn));
    } catch (error) {
      throw new AwsError(code, (error as Error).message);
    }
    this.#db.prepare(`INSERT OR REPLACE INTO ${this.#table} VALUES (?, ?)`).run(arn, policy);
  }

  /** @param otherwise of a resource that was created without one */
  of(arn: string, otherwise: readonly CompiledStatement[]): readonly CompiledStatement[] {
    let policy = this.#compiled.get(arn);
    if (policy === undefined) {
      const row = this.#db.prepare(`SELECT policy FROM ${this.#table} WHERE arn = ?`).get(arn);
      policy = row === undefined ? otherwise : compilePolicy(String(row.policy), arn);
      this.#compiled.set(arn, policy);
    }
    return policy;
  }
}
