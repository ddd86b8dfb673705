import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import type { Secrets } from "../../../functions/clients/secrets.ts";

/** Secrets, and what others do to them. */
export interface SecretPlace {
  secrets: Secrets;
  /** Makes a secret whose first version is current. */
  create(secret: string, version: string, value: string): Promise<void> | void;
  /** Asks for a rotation, which puts a version without a value in the place of the pending one. */
  begin(secret: string, version: string): Promise<void> | void;
  /** Makes a value current by somebody's hand. */
  putCurrent(secret: string, version: string, value: string): Promise<void> | void;
  delete(secret: string): Promise<void> | void;
  /** Puts a secret's policy, as JSON. */
  putPolicy(secret: string, policy: string): Promise<void> | void;
  /** Switches rotation on, without asking for one, or off. */
  switchRotation(secret: string, to: "on" | "off"): Promise<void> | void;
  /** Has reads show what is so now, until the function given is called. */
  fallBehind(): (() => void) | Promise<() => void>;
}

/** What all places of secrets do; `makePlace` is called once. */
export function secretsSuite(makePlace: () => SecretPlace | Promise<SecretPlace>): void {
  let place: SecretPlace;
  let secrets: Secrets;
  beforeAll(async () => {
    place = await makePlace();
    ({ secrets } = place);
  });

  /** A secret that no other test has, with a current version and, if told so, a pending one. */
  async function newSecret(how: "current" | "pending" = "current") {
    const [name, first, second, third] = [`test/${randomUUID()}`, randomUUID(), randomUUID(), randomUUID()];
    await place.create(name, first, "first value");
    if (how === "pending") await place.begin(name, second);
    return { name, first, second, third };
  }

  test("what is not there is undefined: no secret, no version, and a version without a value", async () => {
    const { name, first, second, third } = await newSecret("pending");
    expect(await secrets.stages("test/none")).toBeUndefined();
    expect(await secrets.read("test/none", first)).toBeUndefined();
    expect(await secrets.read(name, second)).toBeUndefined();
    expect(await secrets.read(name, third)).toBeUndefined();
    expect(await secrets.read(name, first)).toBe("first value");
  });

  test("a version that was asked for is pending, and the current one stays current", async () => {
    const { name, first, second } = await newSecret("pending");
    expect(await secrets.stages(name)).toEqual({ current: first, pending: second, predecessor: undefined });
  });

  test("the pending version is given its value once: the same again does nothing, another one is not taken", async () => {
    const { name, first, second } = await newSecret("pending");
    expect(await secrets.putPending(name, second, "second value")).toBe("put");
    expect(await secrets.putPending(name, second, "second value")).toBe("put");
    expect(await secrets.putPending(name, second, "another value")).toBe("other");
    expect(await secrets.read(name, second)).toBe("second value");
    expect(await secrets.stages(name)).toEqual({ current: first, pending: second, predecessor: undefined });
  });

  test("a version that is not pending is given nothing, and takes nothing from the one that is", async () => {
    const { name, second, third } = await newSecret("pending");
    expect(await secrets.dropPending(name, second)).toBe(true);
    expect(await secrets.putPending(name, second, "late")).toBe("not-pending");
    await place.begin(name, third);
    expect(await secrets.putPending(name, second, "late")).toBe("not-pending");
    expect(await secrets.putPending("test/none", second, "late")).toBe("not-pending");
    expect(await secrets.read(name, second)).toBeUndefined();
    expect((await secrets.stages(name))?.pending).toBe(third);
  });

  test("promotion makes the pending version current and the current one its predecessor; once more is the same", async () => {
    const { name, first, second } = await newSecret("pending");
    await secrets.putPending(name, second, "second value");
    for (let times = 1; times <= 2; times += 1) {
      expect(await secrets.promote(name, second, { from: first })).toBe(true);
      expect(await secrets.stages(name)).toMatchObject({ current: second, predecessor: first });
    }
    expect(await secrets.read(name, first)).toBe("first value");
  });

  test("promotion changes nothing where somebody else has made a third version current", async () => {
    const { name, first, second, third } = await newSecret("pending");
    await secrets.putPending(name, second, "second value");
    await place.putCurrent(name, third, "by hand");
    expect(await secrets.promote(name, second, { from: first })).toBe(false);
    expect(await secrets.stages(name)).toEqual({ current: third, pending: second, predecessor: first });
  });

  test("a version that was promoted can be pending no more, which changes nothing else", async () => {
    const { name, first, second } = await newSecret("pending");
    await secrets.putPending(name, second, "second value");
    await secrets.promote(name, second, { from: first });
    await secrets.dropPending(name, second);
    expect(await secrets.stages(name)).toEqual({ current: second, pending: undefined, predecessor: first });
  });

  test("a version is taken off once, and never another one than is named", async () => {
    const { name, first, second, third } = await newSecret("pending");
    await secrets.putPending(name, second, "second value");
    expect(await secrets.dropPending(name, first)).toBe(false);
    expect(await secrets.dropPending(name, third)).toBe(false);
    expect((await secrets.stages(name))?.pending).toBe(second);
    expect(await secrets.dropPending(name, second)).toBe(true);
    expect(await secrets.dropPending(name, second)).toBe(false);
    expect(await secrets.stages(name)).toEqual({ current: first, pending: undefined, predecessor: undefined });
    expect(await secrets.read(name, second)).toBe("second value");
  });

  test("a version that is not there is not promoted", async () => {
    const { name, first, third } = await newSecret();
    await expect(secrets.promote(name, third, { from: first })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    expect((await secrets.stages(name))?.current).toBe(first);
  });

  test("a secret that was deleted is not there, and nothing is promoted in one that is not", async () => {
    const { name, first, second } = await newSecret();
    await place.delete(name);
    expect(await secrets.stages(name)).toBeUndefined();
    await expect(secrets.promote("test/none", second, { from: first })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    expect(await secrets.dropPending("test/none", second)).toBe(false);
  });

  test("reads may be behind: a version just asked for is not pending yet, and one just put has no value yet", async () => {
    const { name, first, second } = await newSecret();
    const catchUpOnce = await place.fallBehind();
    await place.begin(name, second);
    expect(await secrets.stages(name)).toEqual({ current: first, pending: undefined, predecessor: undefined });
    expect(await secrets.putPending(name, second, "second value")).toBe("not-pending");
    catchUpOnce();
    const catchUp = await place.fallBehind();
    expect(await secrets.putPending(name, second, "second value")).toBe("put");
    expect(await secrets.read(name, second)).toBeUndefined();
    catchUp();
    expect(await secrets.read(name, second)).toBe("second value");
  });

  test("a promotion whose answer was lost is not told as another's, however far reads are behind", async () => {
    const { name, first, second } = await newSecret("pending");
    await secrets.putPending(name, second, "second value");
    const catchUp = await place.fallBehind();
    expect(await secrets.promote(name, second, { from: first })).toBe(true);
    await expect(secrets.promote(name, second, { from: first })).rejects.toMatchObject({
      name: "TemporarilyUnavailable",
      message: expect.not.stringContaining("value"),
    });
    expect((await secrets.stages(name))?.current).toBe(first);
    catchUp();
    expect(await secrets.promote(name, second, { from: first })).toBe(true);
  });

  test("a rotation is asked for once under its token, and none beside one that is under way", async () => {
    const { name, first, second, third } = await newSecret();
    await place.switchRotation(name, "on");
    expect(await secrets.askForRotation(name, second)).toBe("asked");
    expect(await secrets.stages(name)).toEqual({ current: first, pending: second, predecessor: undefined });
    expect(await secrets.askForRotation(name, second)).toBe("asked");
    expect(await secrets.askForRotation(name, third)).toBe("under-way");
    expect((await secrets.stages(name))?.pending).toBe(second);
    await secrets.dropPending(name, second);
    expect(await secrets.askForRotation(name, third)).toBe("asked");
    expect((await secrets.stages(name))?.pending).toBe(third);
  });

  test("a rotation is asked for again once the one before is done, whose label may stand still", async () => {
    const { name, first, second, third } = await newSecret();
    await place.switchRotation(name, "on");
    await secrets.askForRotation(name, second);
    await secrets.putPending(name, second, "second value");
    await secrets.promote(name, second, { from: first });
    expect(await secrets.askForRotation(name, third)).toBe("asked");
    expect(await secrets.stages(name)).toMatchObject({ current: second, pending: third });
  });

  test("no rotation is asked for of a secret that is not there, or was deleted", async () => {
    const { name, second } = await newSecret();
    await expect(secrets.askForRotation("test/none", second)).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    await place.delete(name);
    await expect(secrets.askForRotation(name, second)).rejects.toThrow();
  });

  test("whoever asks for a rotation switches rotation on, if it was off", async () => {
    const { name, second } = await newSecret();
    for (const to of ["on", "off"] as const) await place.switchRotation(name, to);
    expect((await secrets.oversight(name))?.rotatedBy).toBeUndefined();
    expect(await secrets.askForRotation(name, second)).toBe("asked");
    expect((await secrets.oversight(name))?.rotatedBy).toMatch(/^arn:/);
  });

  test("who rotates a secret and who may use it is seen, and is not there of a secret that is not", async () => {
    const { name } = await newSecret();
    expect(await secrets.oversight("test/none")).toBeUndefined();
    await place.switchRotation(name, "on");
    expect(await secrets.oversight(name)).toEqual({
      rotatedBy: expect.stringMatching(/^arn:aws:lambda:/),
      policy: undefined,
    });
    const policy = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Deny", Principal: "*", Action: "*", Resource: "*" }],
    };
    await place.putPolicy(name, JSON.stringify(policy));
    await place.switchRotation(name, "off");
    const kept = await secrets.oversight(name);
    expect(kept?.rotatedBy).toBeUndefined();
    expect(JSON.parse(kept?.policy ?? "")).toEqual(policy);
    await place.delete(name);
    expect(await secrets.oversight(name)).toBeUndefined();
  });
}
