import { afterAll, beforeAll, expect, test } from "vitest";
import type { Moment } from "../../local/issuer/behaviour.ts";
import { until } from "../flows/support.ts";
import { startTokenLab, type TokenLab, type TurnedToken } from "./lab.ts";
import { Looks } from "./looks.ts";

/*
 * A call that the issuer holds up: the credential is turned once or twice meanwhile, and then it is let go. Whatever it does to the
 * token that is current, one look of the watch has it turned.
 */

interface Case {
  /** The credential of this case alone. */
  word: string;
  tokensPerKey: "one" | "many";
  /** Whether the issuer has done its work when it holds the call. */
  moment: Moment;
  /** How many rotations are done meanwhile. */
  more: 1 | 2;
}

const casesOf = (kind: string) =>
  (["one", "many"] as const).flatMap((tokensPerKey) =>
    (["before", "after"] as const).flatMap((moment) =>
      ([1, 2] as const).map(
        (more): Case => ({ word: kind + tokensPerKey + moment + more, tokensPerKey, moment, more }),
      ),
    ),
  );
const FETCHES = casesOf("fetch");
/** It names the token that it ends, whatever is done meanwhile: with its work done there is less to go wrong. */
const REVOCATIONS = casesOf("revoke").filter(({ moment, more }) => moment === "before" || more === 2);

let lab: TokenLab;
beforeAll(async () => {
  // Nobody is waited for, but for the quiet time.
  const change = { consumers: [] };
  lab = await startTokenLab(
    [...FETCHES, ...REVOCATIONS].map(({ word, tokensPerKey }) => ({ word, tokensPerKey, change })),
  );
});
afterAll(() => lab?.close());

test.concurrent.each(FETCHES)(
  "a fetch held $moment the issuer's work ($tokensPerKey token(s) a key), let go after $more more",
  async ({ word, tokensPerKey, moment, more }) => {
    const token = lab.of(word);
    const looks = new Looks(token);
    const held = token.issuer.handle.hold("token", moment);
    const lost = await token.ask();
    await held.arrived;
    await token.takePendingOff(lost);
    for (let n = 0; n < more; n += 1) await token.turn();
    expect(looks.refused).toEqual([]);
    const current = await token.version();
    const letGoAt = Date.now();
    held.letGo();
    await token.ended(lost);

    // Where a key has one token, the late one has ended that of its turn, which is the current one after one more rotation.
    const isEnded = tokensPerKey === "one" && moment === "before" && more === 1;
    expect(await token.answerTo(current)).toBe(isEnded ? 401 : 200);
    if (isEnded) await turnedByOneLook(token, current.versionId);
    await looks.end();
    expect(looks.count).toBeGreaterThan(5);
    if (isEnded) {
      const last = looks.refused.at(-1)?.at ?? letGoAt;
      process.stdout.write(
        `a late fetch that ends the current token: refused for ${last - letGoAt} ms, one look at once\n`,
      );
      expect(looks.refused.every(({ versionId }) => versionId === current.versionId)).toBe(true);
    } else {
      expect(looks.refused).toEqual([]);
    }
    await until(async () => (await token.record()).predecessor === undefined, "the last former one to be retired");
    await token.turn();
    expect(await token.answerTo(await token.version())).toBe(200);
  },
);

/** Has the watch look once, and waits until another version is current than the one that was refused. */
async function turnedByOneLook(token: TurnedToken, refused: string): Promise<void> {
  await lab.fleet.look();
  await until(async () => (await token.version()).versionId !== refused, "another version to be current");
}

test.concurrent.each(REVOCATIONS)(
  "a revocation held $moment the issuer's work ($tokensPerKey token(s) a key), let go after $more more",
  async ({ word, moment, more }) => {
    const token = lab.of(word);
    const looks = new Looks(token);
    const former = await token.version();
    const held = token.issuer.handle.hold("revoke", moment);
    const retiring = await token.ask();
    await held.arrived;
    // Until the former one is retired, nothing turns but by force.
    for (let n = 0; n < more; n += 1) {
      const forced = await token.askByEvent({ force: true });
      await token.isCurrent(forced);
    }
    held.letGo();
    await token.ended(retiring);
    const current = await token.version();
    expect([await token.answerTo(current), await token.answerTo(former)]).toEqual([200, 401]);
    await until(async () => (await token.record()).predecessor === undefined, "the last former one to be retired");
    await token.turn();
    await looks.end();
    expect(looks.refused).toEqual([]);
    expect(looks.count).toBeGreaterThan(5);
  },
);
