import { describe } from "vitest";
import { FakeProofWriter } from "../../consumer/proof-writer.fake.ts";
import { useKey } from "../../protocol/index.ts";
import { proofWriterSuite } from "./proof-writer.suite.ts";

const WRITERS = [{ ec2InstanceId: "i-0123456789abcdef0" }, { role: "arn:aws:iam::111122223333:role/apps/web" }];

describe.each(WRITERS)("use proofs in memory, of %o", (by) =>
  proofWriterSuite(() => {
    const writer = new FakeProofWriter(by);
    const lastUses = async (secret: string) => {
      const ofSecret = writer.uses.filter((use) => use.secret === secret);
      return [...new Map(ofSecret.map((use) => [useKey(use), use])).values()];
    };
    return { writer, by, lastUses };
  }),
);
