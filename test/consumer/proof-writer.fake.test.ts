import { FakeProofWriter } from "../../consumer/proof-writer.fake.ts";
import { useKey } from "../../protocol/index.ts";
import { proofWriterSuite } from "./proof-writer.suite.ts";

proofWriterSuite(() => {
  const ec2InstanceId = "i-0123456789abcdef0";
  const writer = new FakeProofWriter(ec2InstanceId);
  const lastUses = async (secret: string) => {
    const ofSecret = writer.uses.filter((use) => use.secret === secret);
    return [...new Map(ofSecret.map((use) => [useKey(use), use])).values()];
  };
  return { writer, ec2InstanceId, lastUses };
});
