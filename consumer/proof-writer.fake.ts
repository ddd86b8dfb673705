import { type Use, type UseWriter, useItemOf } from "../protocol/index.ts";
import type { ProofWriter, UseHere } from "./proof-writer.ts";

/** Use proofs in memory, as written on one instance, or with one role. */
export class FakeProofWriter implements ProofWriter {
  /** All that were written, in order. */
  readonly uses: Use[] = [];
  /** While set, every write fails with it. */
  failure: Error | undefined;
  readonly #writer: UseWriter;

  constructor(writer: UseWriter = { ec2InstanceId: "i-0123456789abcdef0" }) {
    this.#writer = writer;
  }

  async write(use: UseHere): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    const written = { ...use, ...this.#writer };
    useItemOf(written, { partition: "aws", region: "us-east-1", account: "000000000000" });
    this.uses.push(written);
  }

  close(): void {}
}
