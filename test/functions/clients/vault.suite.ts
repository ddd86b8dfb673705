import { beforeAll, expect, test } from "vitest";
import type { Vault } from "../../../functions/clients/vault.ts";
import { EC2, hex64Of, ID, OTHER_EC2 } from "../support.ts";

const name = { id: ID, ec2InstanceId: EC2, generation: 3 };
const key = hex64Of("key");

/** What every vault does; `makeVault` is called once. */
export function vaultSuite(makeVault: () => Vault | Promise<Vault>): void {
  let vault: Vault;
  beforeAll(async () => {
    vault = await makeVault();
  });

  test("what was sealed is unsealed under the same name", async () => {
    const ciphertext = await vault.seal(key, name);
    expect(await vault.unseal(ciphertext, name)).toBe(key);
  });

  test("a ciphertext is base64 and shows nothing of the key", async () => {
    const ciphertext = await vault.seal(key, name);
    expect(ciphertext).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(Buffer.from(ciphertext, "base64").includes(Buffer.from(key, "hex"))).toBe(false);
  });

  test("the same key sealed twice does not look the same", async () => {
    expect(await vault.seal(key, name)).not.toBe(await vault.seal(key, name));
  });

  test.each([
    ["another ID", { ...name, id: "ffffff" }],
    ["another host", { ...name, ec2InstanceId: OTHER_EC2 }],
    ["another generation", { ...name, generation: 2 }],
  ])("under %s it cannot be read", async (_what, other) => {
    const ciphertext = await vault.seal(key, name);
    await expect(vault.unseal(ciphertext, other)).rejects.toMatchObject({ name: "KeyUnreadable" });
  });

  test("a ciphertext that was altered, cut or made up cannot be read", async () => {
    const bytes = Buffer.from(await vault.seal(key, name), "base64");
    const altered = Buffer.from(bytes);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    for (const broken of [altered, bytes.subarray(0, -1), Buffer.from("made up")]) {
      const attempt = vault.unseal(broken.toString("base64"), name);
      await expect(attempt).rejects.toMatchObject({ name: "KeyUnreadable" });
    }
  });
}
