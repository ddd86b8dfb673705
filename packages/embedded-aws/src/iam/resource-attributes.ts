import { AwsError } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { type CompiledStatement, compilePolicy } from "./statement.ts";

/** What rights depend on of the resources of services, in the store: their own policies, and the keys that they are under. */
export class ResourceAttributes {
  readonly #db: Parts["store"]["db"];
  /** By ARN, each read once a process. */
  readonly #policies = new Map<string, readonly CompiledStatement[] | undefined>();

  constructor({ store }: Parts) {
    this.#db = store.db;
    this.#db.exec(
      "CREATE TABLE IF NOT EXISTS resource_attributes (arn TEXT PRIMARY KEY, policy TEXT, keyArn TEXT) STRICT",
    );
  }

  /** @throws AwsError with this code for a policy that cannot be enforced here */
  putPolicy(arn: string, policy: string, code: string): void {
    try {
      this.#policies.set(arn, compilePolicy(policy, `the policy of ${arn}`));
    } catch (error) {
      throw new AwsError(code, (error as Error).message);
    }
    this.#put(arn, "policy", policy);
  }

  /** A policy as it was put. */
  policyTextOf(arn: string): string | undefined {
    return this.#get(arn, "policy");
  }

  policyOf(arn: string): readonly CompiledStatement[] | undefined {
    if (!this.#policies.has(arn)) {
      const policy = this.#get(arn, "policy");
      this.#policies.set(arn, policy === undefined ? undefined : compilePolicy(policy, arn));
    }
    return this.#policies.get(arn);
  }

  /** @param keyArn none takes away what was there */
  putKey(arn: string, keyArn: string | undefined): void {
    this.#put(arn, "keyArn", keyArn ?? null);
  }

  keyOf(arn: string): string | undefined {
    return this.#get(arn, "keyArn");
  }

  #put(arn: string, column: "policy" | "keyArn", value: string | null): void {
    const set = `INSERT INTO resource_attributes (arn, ${column}) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET ${column} = ?2`;
    this.#db.prepare(set).run(arn, value);
  }

  #get(arn: string, column: "policy" | "keyArn"): string | undefined {
    const row = this.#db.prepare(`SELECT ${column} AS value FROM resource_attributes WHERE arn = ?`).get(arn);
    return (row?.value ?? undefined) as string | undefined;
  }
}
