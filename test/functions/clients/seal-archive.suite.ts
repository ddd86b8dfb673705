import { beforeAll, expect, test } from "vitest";
import type { SealArchive } from "../../../functions/clients/seal-archive.ts";
import { type Seal, sealDigest } from "../../../protocol/index.ts";
import { hex64Of } from "../support.ts";

/** An archive, and how what it keeps is read. */
export interface ReadableArchive {
  archive: SealArchive;
  kept(day: string): Promise<{ seal: unknown; until: number } | undefined>;
}

function sealOf(day: string): Seal {
  const content = { previous: "", day, heads: [{ subject: "0a1b2c", n: 2, digest: hex64Of("line") }] };
  return { ...content, digest: sealDigest(content) };
}
const UNTIL = Date.UTC(2999, 0, 1);

/** What all archives of seals do; `makeArchive` is called once. */
export function sealArchiveSuite(makeArchive: () => ReadableArchive | Promise<ReadableArchive>): void {
  let archive: SealArchive;
  let kept: ReadableArchive["kept"];
  beforeAll(async () => {
    ({ archive, kept } = await makeArchive());
  });

  test("a seal is kept whole, under its day, until its time is up", async () => {
    const seal = sealOf("2026-11-26");
    expect(await kept(seal.day)).toBeUndefined();
    expect(await archive.keep(seal, UNTIL)).toBe(true);
    expect(await kept(seal.day)).toEqual({ seal, until: UNTIL });
    expect(await kept("2026-11-25")).toBeUndefined();
  });

  test("what is kept of a day stays, whatever comes after it", async () => {
    const seal = sealOf("2026-11-27");
    await archive.keep(seal, UNTIL);
    const another = { ...sealOf("2026-11-27"), previous: hex64Of("made up") };
    expect(await archive.keep(another, UNTIL + 1000)).toBe(false);
    expect(await kept(seal.day)).toEqual({ seal, until: UNTIL });
  });
}
