import { type Use, useItemOf } from "../protocol/index.ts";
import type { ProofWriter, UseHere } from "./proof-writer.ts";

/** Use proofs in memory, as written on one instance. */
export class FakeProofWriter implements ProofWriter {
  /** All that were written, in order. */
  readonly uses: Use[] = [];
  /** While set, every write fails with it. */
  failure: Error | undefined;
  readonly #ec2InstanceId: string;

  constructor(ec2InstanceId = "i-0123456789abcdef0") {
    this.#ec2InstanceId = ec2InstanceId;
  }

  async write(use: UseHere): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    const written = { ...use, ec2InstanceId: this.#ec2InstanceId };
    useItemOf(written, { partition: "aws", region: "us-east-1", account: "000000000000" });
    this.uses.push(written);
  }

  close(): void {}
}
