import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { longestPauseMs, pauseMs } from "../../../functions/credential/longest-pause.ts";
import type { TokenCredential } from "../../../functions/shared/credential-settings.ts";
import { tokenOfRequest } from "../../../functions/watch/due.ts";

const NOW = 1_795_158_664_909;

describe("how long a turn that has failed is not tried again", () => {
  test("is whole milliseconds, so that the next turn can be asked for under a name made from it", () => {
    const lives = fc.integer({ min: 60, max: 10_000_000 });
    const rests = fc.integer({ min: -1000, max: 100_000_000 });
    const check = (lifetimeSeconds: number, left: number) => {
      const credential = { kind: "token", lifetimeSeconds } as TokenCredential;
      const current = {
        versionId: "v",
        user: "token_a",
        life: { from: NOW - 1, to: NOW + left },
        since: 0,
        execution: "x",
      };
      const pause = pauseMs(credential, { current }, NOW);
      expect([Number.isInteger(pause), Number.isInteger(longestPauseMs(credential))]).toEqual([true, true]);
      const failing = { since: NOW, nextTryAt: NOW + pause, what: "AnswerUnfit", execution: "x" };
      const record = { name: "shop/api", current, failing } as Parameters<typeof tokenOfRequest>[0];
      expect(tokenOfRequest(record, credential, NOW)).toMatch(/^[0-9a-f]{40}$/);
    };
    fc.assert(fc.property(lives, rests, check));
  });

  test("of a token that ends soon, it is half of what is left", () => {
    const credential = { kind: "token", lifetimeSeconds: 14_400 } as TokenCredential;
    const current = { versionId: "v", user: "token_a", life: { from: 0, to: NOW + 2001 }, since: 0, execution: "x" };
    expect(pauseMs(credential, { current }, NOW)).toBe(1000);
  });
});
