import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { startTestFleet } from "./support.ts";

test("with `nonce: none` the successor is sha256 of the old key, as in the original exercise", async () => {
  const fleet = await startTestFleet(1, { settings: { nonceMode: "none" } });
  try {
    const [record] = await fleet.records();
    if (record === undefined) throw new Error("no instance has registered");
    const before = fleet.keyFile(record.ec2InstanceId);
    expect((await fleet.rotate(record.id)).status).toBe("SUCCEEDED");
    const after = fleet.keyFile(record.ec2InstanceId);
    expect(after.key).toBe(createHash("sha256").update(before.key).digest("hex"));
  } finally {
    await fleet.close();
  }
});
