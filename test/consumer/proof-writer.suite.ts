import { beforeAll, expect, test } from "vitest";
import type { ProofWriter, UseHere } from "../../consumer/proof-writer.ts";
import { type Use, type UseWriter, useProof } from "../../protocol/index.ts";
import { MARK } from "./marked.ts";

/** A writer of use proofs on one instance, or with one role, and how everybody reads what was written. */
export interface WrittenProofs {
  writer: ProofWriter;
  by: UseWriter;
  /** Of each version that was used, by whom and where, the last use. */
  lastUses(secret: string): Promise<Use[]>;
}

const VERSIONS = ["7d9b318d-7543-4923-813d-660b51a4553f", "424f199b-830c-408f-812e-0c21c02b31c3"] as const;

function useOf(change: Partial<UseHere> = {}): UseHere {
  const use = { secret: "orders/db", consumer: "web-1", versionId: VERSIONS[0], timeMs: Date.now(), ...change };
  return { ...use, proof: useProof({ ...use, credential: MARK }) };
}

const byVersion = (one: Use, other: Use) => one.versionId.localeCompare(other.versionId);

/** What all writers of use proofs do; `makePlace` is called once. */
export function proofWriterSuite(makePlace: () => WrittenProofs | Promise<WrittenProofs>): void {
  let place: WrittenProofs;
  beforeAll(async () => {
    place = await makePlace();
  });

  test("of each version that is used, the last use is there, whoever reads", async () => {
    const { writer, by } = place;
    const now = Date.now();
    const uses = [
      useOf({ timeMs: now - 2_000 }),
      useOf({ timeMs: now - 1_000, versionId: VERSIONS[1] }),
      useOf({ timeMs: now }),
    ] as const;
    for (const use of uses) await writer.write(use);
    const expected = [uses[1], uses[2]].map((use) => ({ ...use, ...by }));
    expect((await place.lastUses("orders/db")).sort(byVersion)).toEqual(expected.sort(byVersion));
  });

  test("consumers and secrets are told apart, also where one's name begins as another's", async () => {
    const { writer, by } = place;
    const timeMs = Date.now();
    const uses = [
      useOf({ secret: "orders/db-2", consumer: "web", timeMs }),
      useOf({ secret: "orders/db-2", consumer: "web-1", timeMs }),
      useOf({ secret: "orders/db-22", consumer: "web-1", timeMs }),
    ] as const;
    await Promise.all(uses.map((use) => writer.write(use)));
    const found = await place.lastUses("orders/db-2");
    expect(found.toSorted((one, other) => one.consumer.localeCompare(other.consumer))).toEqual(
      uses.slice(0, 2).map((use) => ({ ...use, ...by })),
    );
  });

  test("two versions used in one millisecond are both there, and the same proof twice is one", async () => {
    const { writer } = place;
    const timeMs = Date.now();
    const uses = VERSIONS.map((versionId) => useOf({ secret: "same/moment", versionId, timeMs }));
    for (const use of [...uses, ...uses]) await writer.write(use);
    expect(await place.lastUses("same/moment")).toHaveLength(2);
  });

  test("a use that nobody could read again is not written", async () => {
    const { writer } = place;
    await expect(writer.write(useOf({ secret: "no#name" }))).rejects.toThrow(TypeError);
    await expect(writer.write(useOf({ consumer: "no name" }))).rejects.toThrow(TypeError);
  });
}
