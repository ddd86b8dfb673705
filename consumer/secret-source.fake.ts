import { Failure } from "./failure.ts";
import type { SecretRead, SecretSource } from "./secret-source.ts";

/** A secret in memory, whose current version a test puts. */
export class FakeSecretSource implements SecretSource {
  current: SecretRead | undefined;
  /** While set, reads are refused for this reason, as AWS names them, e.g. `ThrottlingException`. */
  refusal: string | undefined;
  /** While set, reads wait for it before they look. */
  held: Promise<void> | undefined;
  /** How often it was read. */
  reads = 0;

  put(secret: string, versionId: string, value: object | string): void {
    this.current = { secret, versionId, text: typeof value === "string" ? value : JSON.stringify(value) };
  }

  async read(): Promise<SecretRead> {
    this.reads += 1;
    await this.held;
    const reason = this.refusal ?? (this.current === undefined ? "ResourceNotFoundException" : undefined);
    if (this.current === undefined || reason !== undefined) {
      throw new Failure(`The secret could not be read: ${reason}`);
    }
    return { ...this.current };
  }

  close(): void {}
}
