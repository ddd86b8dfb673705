import { beforeAll, expect, test } from "vitest";
import type { Trail, TrailEvent } from "../../../functions/clients/trail.ts";
import { eventually } from "./eventually.ts";

/** A history of calls, and how some come to stand in it. */
export interface CalledTrail {
  trail: Trail;
  region: string;
  /** Makes so many calls in the Region, all of one name, with a key of their own: what each is. */
  call(count: number): Promise<{ accessKeyId: string; source: string; name: string }>;
}

const AN_HOUR_MS = 3600_000;
/** More than CloudTrail puts on a page. */
const MANY = 53;

/** What every Trail does; `makeTrail` is called once. */
export function trailSuite(makeTrail: () => CalledTrail | Promise<CalledTrail>): void {
  let made: CalledTrail;
  beforeAll(async () => {
    made = await makeTrail();
  });

  /** All pages of what a key was used for. */
  async function all(
    accessKeyId: string,
    { to, from }: { to: number; from: number } = { to: Date.now() + 1000, from: Date.now() - AN_HOUR_MS },
  ): Promise<TrailEvent[][]> {
    const { trail, region } = made;
    const pages: TrailEvent[][] = [];
    let page: string | undefined;
    do {
      const answer = await trail.calls({ accessKeyId, region, from, to, ...(page !== undefined && { page }) });
      pages.push(answer.events);
      page = answer.next;
    } while (page !== undefined);
    return pages;
  }

  const seen = (accessKeyId: string, count: number) =>
    eventually(
      () => all(accessKeyId),
      (pages) => pages.flat().length >= count,
    );

  test("of a key that was not used, there is nothing", async () => {
    expect(await all("AKIAIOSFODNN7UNUSED0")).toEqual([[]]);
  });

  test("all calls of a key are read, page by page, the newest first, each once", async () => {
    const { accessKeyId, source, name } = await made.call(MANY);
    const pages = await seen(accessKeyId, MANY);
    const events = pages.flat();
    expect(pages.length).toBeGreaterThan(1);
    for (const page of pages) expect(page.length).toBeLessThanOrEqual(50);
    expect(events).toHaveLength(MANY);
    expect(new Set(events.map(({ id }) => id)).size).toBe(MANY);
    for (const event of events)
      expect(event).toMatchObject({ source, name, address: expect.stringMatching(/^[\d.]+$/) });
    const times = events.map(({ at }) => at);
    expect(times).toEqual([...times].sort((one, other) => other - one));
    for (const at of times) expect(Math.abs(Date.now() - at)).toBeLessThan(60_000);
  });

  test("only those of the time that is asked about", async () => {
    const { accessKeyId } = await made.call(1);
    await seen(accessKeyId, 1);
    const to = Date.now() - AN_HOUR_MS;
    expect(await all(accessKeyId, { from: to - AN_HOUR_MS, to })).toEqual([[]]);
  });
}
