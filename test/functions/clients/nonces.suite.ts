import { beforeAll, expect, test } from "vitest";
import type { Nonces } from "../../../functions/clients/nonces.ts";
import { EC2, ID, OTHER_EC2 } from "../support.ts";

const name = { id: ID, ec2InstanceId: EC2, generation: 3 };

/** What all nonces are; `makeNonces` is called once. */
export function noncesSuite(makeNonces: () => Nonces | Promise<Nonces>): void {
  let nonces: Nonces;
  beforeAll(async () => {
    nonces = await makeNonces();
  });

  test("a nonce is 64 hexadecimal characters and always the same for its generation", async () => {
    const nonce = await nonces.compute(name);
    expect(nonce).toMatch(/^[0-9a-f]{64}$/);
    expect(await nonces.compute({ ...name })).toBe(nonce);
  });

  test("every name has another nonce", async () => {
    const names = [name, { ...name, id: "ffffff" }, { ...name, ec2InstanceId: OTHER_EC2 }, { ...name, generation: 4 }];
    expect(new Set(await Promise.all(names.map((one) => nonces.compute(one)))).size).toBe(names.length);
  });
}
