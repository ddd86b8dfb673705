import { afterAll, beforeAll, expect, test } from "vitest";
import type { Moment } from "../../local/issuer/behaviour.ts";
import { until } from "../flows/support.ts";
import { startTokenLab, type TokenLab, type TurnedToken } from "./lab.ts";
import { Looks } from "./looks.ts";

/*
 * A call that the issuer holds up: the credential is turned once or twice meanwhile, and then it is let go. Whatever it does to the
 * token that is current, one look of the watch has it turned.
 */

interface Held {
  tokensPerKey: "one" | "many";
  /** Whether the issuer has done its work when it holds the call. */
  moment: Moment;
}

const CASES = (["one", "many"] as const).flatMap((tokensPerKey) =>
  (["before", "after"] as const).map((moment): Held => ({ tokensPerKey, moment })),
);
/** How many rotations are done meanwhile. */
const MORE = [1, 2] as const;
const ALL = CASES.flatMap((held) => MORE.map((more) => ({ ...held, more })));
/** A revocation names what it ends: with its work done, nothing is left that could go wrong. */
const REVOCATIONS = CASES.filter(({ moment }) => moment === "before");

/** The credential of one case alone. */
function wordOf(call: "fetch" | "revoke", { tokensPerKey, moment }: Held, more: number): string {
  return call + tokensPerKey + moment + more;
}

let lab: TokenLab;
beforeAll(async () => {
  // Nobody is waited for, but for the quiet time.
  const change = { consumers: [] };
  const kinds = ALL.flatMap(({ more, ...held }) => {
    const calls = REVOCATIONS.some(({ moment }) => moment === held.moment)
      ? (["fetch", "revoke"] as const)
      : (["fetch"] as const);
    return calls.map((call) => ({ word: wordOf(call, held, more), tokensPerKey: held.tokensPerKey, change }));
  });
  lab = await startTokenLab(kinds);
});
afterAll(() => lab?.close());

test.concurrent.each(CASES)(
  "a fetch held $moment the issuer's work ($tokensPerKey token(s) a key), let go after one or two more",
  async (held) => {
    await Promise.all(MORE.map((more) => heldFetch(held, more)));
  },
);

test.concurrent.each(REVOCATIONS)(
  "a revocation held $moment the issuer's work ($tokensPerKey token(s) a key), let go after one or two more",
  async (held) => {
    await Promise.all(MORE.map((more) => heldRevocation(held, more)));
  },
);

async function heldFetch({ tokensPerKey, moment }: Held, more: number): Promise<void> {
  const token = lab.of(wordOf("fetch", { tokensPerKey, moment }, more));
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
}

/** Has the watch look once, and waits until another version is current than the one that was refused. */
async function turnedByOneLook(token: TurnedToken, refused: string): Promise<void> {
  await lab.fleet.look();
  await until(async () => (await token.version()).versionId !== refused, "another version to be current");
}

async function heldRevocation({ tokensPerKey, moment }: Held, more: number): Promise<void> {
  const token = lab.of(wordOf("revoke", { tokensPerKey, moment }, more));
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
}
