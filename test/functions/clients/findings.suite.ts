import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { Findings } from "../../../functions/clients/findings.ts";
import type { Finding } from "../../../functions/findings/finding.ts";
import { EC2, EXECUTION, ID, NOW } from "../support.ts";
import { eventually } from "./eventually.ts";

/** A finding on a subject that no other test has, since a table may be shared. */
function newFinding(changes: Partial<Finding> = {}): Omit<Finding, "version"> {
  return {
    subject: randomBytes(3).toString("hex"),
    cause: "STALE",
    since: NOW,
    seenAt: NOW,
    times: 1,
    execution: EXECUTION,
    facts: { ec2InstanceId: EC2, generation: 3, keySince: NOW - 1, said: "It says why." },
    ...changes,
  };
}

/** What every place of findings does; `makeFindings` is called once. */
export function findingsSuite(makeFindings: () => Findings | Promise<Findings>): void {
  let findings: Findings;
  beforeAll(async () => {
    findings = await makeFindings();
  });

  async function written(changes: Partial<Finding> = {}): Promise<Finding> {
    const finding = await findings.write(newFinding(changes), undefined);
    if (finding === undefined) throw new Error("there is one already");
    return finding;
  }

  /** All that are listed, page by page, so many on a page at the most. */
  async function listOpen(limit?: number) {
    const listed: Finding[] = [];
    let after: string | undefined;
    do {
      const page = await findings.listOpen(after, limit);
      if (limit !== undefined) expect(page.findings.length).toBeLessThanOrEqual(limit);
      listed.push(...page.findings);
      after = page.next;
    } while (after !== undefined);
    return listed;
  }

  const of = (subjects: { subject: string }[], limit?: number) => {
    const names = subjects.map(({ subject }) => subject);
    return async () => (await listOpen(limit)).filter(({ subject }) => names.includes(subject));
  };

  describe("finding and writing", () => {
    test("there is none before it is written, and then it is found as it was written, in its first version", async () => {
      const finding = newFinding({
        ...{ claimedUntil: NOW + 1, announcedAt: NOW + 2, toldAt: NOW + 3, endedAt: NOW + 4, endAnnouncedAt: NOW + 5 },
        ...{ endToldAt: NOW + 6, ofStorm: true, firstAt: { [ID]: NOW, [EC2]: NOW + 1 } },
      });
      expect(await findings.find(finding)).toBeUndefined();
      expect(await findings.write(finding, undefined)).toEqual({ ...finding, version: 1 });
      expect(await findings.find(finding)).toEqual({ ...finding, version: 1 });
    });

    test("what is undefined is left out", async () => {
      const finding = newFinding();
      const given = await findings.write({ ...finding, claimedUntil: undefined } as never, undefined);
      for (const one of [given, await findings.find(finding)]) {
        expect(one).toEqual({ ...finding, version: 1 });
        expect(one).not.toHaveProperty("claimedUntil");
      }
    });

    test("two causes on one subject stand beside each other, and so do two subjects of one cause", async () => {
      const one = await written();
      const other = await written({ subject: one.subject, cause: "MISMATCH" });
      const another = await written({ cause: "MISMATCH" });
      for (const each of [one, other, another]) expect(await findings.find(each)).toEqual(each);
    });

    test("it is written as it was read, or not at all", async () => {
      const first = await written({ announcedAt: NOW });
      expect(await findings.write(newFinding({ subject: first.subject }), undefined)).toBeUndefined();
      expect(await findings.find(first)).toEqual(first);
      const { announcedAt: _, ...less } = first;
      const second = await findings.write({ ...less, times: 2 }, first);
      expect(second).toEqual({ ...less, times: 2, version: 2 });
      expect(await findings.write({ ...first, times: 9 }, first)).toBeUndefined();
      expect(await findings.find(first)).toEqual(second);
    });

    test("one that there is not is not written as if it had been read", async () => {
      const finding = newFinding();
      expect(await findings.write(finding, { ...finding, version: 1 })).toBeUndefined();
      expect(await findings.find(finding)).toBeUndefined();
    });

    test("of writes at once, one takes place", async () => {
      const finding = newFinding();
      let before: Finding | undefined;
      for (const _ of [1, 2]) {
        const took = await Promise.all([1, 2, 3].map((times) => findings.write({ ...finding, times }, before)));
        const winners = took.filter((one) => one !== undefined);
        expect(winners).toHaveLength(1);
        [before] = winners;
        expect(await findings.find(finding)).toEqual(before);
      }
    });
  });

  describe("the list of those of which there is something to tell", () => {
    test("has each once, whole, the oldest first, over all pages", async () => {
      const days = [3, 1, 2, 12, 7, 9, 5, 10, 8, 4, 11, 6];
      const all: Finding[] = [];
      for (const day of days) all.push(await written({ since: NOW - day * 86_400_000 }));
      const listed = await eventually(of(all), (found) => found.length === all.length);
      expect(listed).toEqual([...all].sort((one, other) => one.since - other.since));
    });

    test("has each once over pages that are to hold no more than two", async () => {
      const all: Finding[] = [];
      for (let n = 0; n < 3; n += 1) all.push(await written({ since: NOW - n }));
      const listed = await eventually(of(all, 2), (found) => found.length === all.length);
      expect(listed).toEqual(all.toReversed());
    });

    test("has all of those that began at one moment", async () => {
      const all: Finding[] = [];
      for (let n = 0; n < 12; n += 1) all.push(await written({ since: NOW - 1 }));
      const listed = await eventually(of(all), (found) => found.length === all.length);
      expect(listed.map(({ subject }) => subject).sort()).toEqual(all.map(({ subject }) => subject).sort());
    });

    test("has one that has ended until that is told, and again when it is found again", async () => {
      const standing = await written();
      const list = of([standing]);
      expect(await eventually(list, (found) => found.length === 1)).toEqual([standing]);
      const ended = await findings.write({ ...standing, endedAt: NOW + 1, endAnnouncedAt: NOW + 2 }, standing);
      expect(await eventually(list, ([one]) => one?.version === 2)).toEqual([ended]);
      if (ended === undefined) throw new Error("it was not written");
      const told = await findings.write({ ...ended, endToldAt: NOW + 3 }, ended);
      expect(await eventually(list, (found) => found.length === 0)).toEqual([]);
      expect(await findings.find(standing)).toEqual(told);
      const again = await findings.write(standing, told);
      expect(await eventually(list, (found) => found.length === 1)).toEqual([again]);
    });

    test("has none that never stood", async () => {
      const never = await written({ endedAt: NOW, endToldAt: NOW, times: 0 });
      const standing = await written();
      const listed = await eventually(of([never, standing]), (found) => found.length > 0);
      expect(listed).toEqual([standing]);
    });
  });
}
