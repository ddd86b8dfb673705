import { afterAll, beforeAll, expect, test } from "vitest";
import type { Stroke } from "../../functions/clients/authority.ts";
import { pushToAuthority } from "../../functions/credential/push-to-authority/step.ts";
import { retirePredecessor } from "../../functions/credential/retire-predecessor/step.ts";
import { otherUser } from "../../functions/shared/credential-settings.ts";
import { until } from "../flows/support.ts";
import { onPostgres, withSession } from "../functions/postgres/under-test.ts";
import { Gate, heldAuthorities, PLACES, type Place } from "./held.ts";
import { type Lab, Looks, settingsFor, startLab, type TurnedCredential } from "./lab.ts";

/*
 * A call that is held up, as one is whose function hangs: its state has timed out long ago, and the credential is turned once
 * or twice meanwhile. Then it is let go. At no look is the current login refused, and the next rotation succeeds.
 */

/** After how long PostgreSQL cuts the session of a call that is held under the lock, so that others get it. */
const CUT_AFTER_MS = 1_000;

/** So long that a held call keeps the lock until it is let go, however busy the machine is. */
const NEVER_CUT_MS = 600_000;

interface Case {
  /** The credential of this case alone. */
  word: string;
  place: Place;
  /** How many rotations are done meanwhile. */
  more: 1 | 2;
}

const casesOf = (kind: string) =>
  PLACES.flatMap((place, n) => ([1, 2] as const).map((more): Case => ({ word: `${kind}${n}${more}`, place, more })));
const PUSHES = casesOf("push");
const RETIREMENTS = (["LOGIN", "PASSWORD"] as const).flatMap((stroke: Stroke) =>
  casesOf(stroke.toLowerCase()).map((one) => ({ ...one, stroke })),
);
const WAITING = "waiting";

onPostgres("a late call changes nothing:", () => {
  let lab: Lab;
  beforeAll(async () => {
    const words = [...PUSHES, ...RETIREMENTS].map(({ word }) => word);
    lab = await startLab([...words, WAITING].map((word) => settingsFor(word)));
  });
  afterAll(() => lab?.close());

  /** A push of a version that is given up by hand while it is held up. */
  async function heldPush(credential: TurnedCredential, place: Place, idleMs: number) {
    const { user, versionId } = await credential.version();
    const lost = await credential.leavePending();
    const gate = new Gate();
    const { authorities, ...rest } = credential.neighbours({ idleMs });
    const neighbours = { ...rest, authorities: heldAuthorities(authorities, place, gate) };
    const input = {
      ...{ secret: credential.settings.name, token: lost.versionId },
      ...{ current: { user, versionId }, other: { user: lost.user } },
    };
    const end = pushToAuthority(input, neighbours).then(() => "set", nameOf);
    await gate.arrived;
    await credential.takePendingOff(lost.versionId);
    return { lost, gate, end };
  }

  test.concurrent.each(PUSHES)("a push held $place, let go after $more more", async ({ word, place, more }) => {
    const credential = lab.of(word);
    const looks = new Looks(credential);
    const { lost, gate, end } = await heldPush(credential, place, CUT_AFTER_MS);
    for (let n = 0; n < more; n += 1) await credential.turn();
    gate.letGo();
    expect(await end).toBe(place === "before the lock" ? "Superseded" : "AuthorityUnreachable");
    expect(await credential.answerTo(await credential.version())).toBe("accepted");
    await credential.turn();
    await looks.end();
    expect(looks.refused).toEqual([]);
    expect(looks.count).toBeGreaterThan(5);
    expect(await credential.answerTo(lost)).toMatch(/^28/);
  });

  test.concurrent("a push held between the labels and the SQL, let go while the next one waits for the lock", async () => {
    const credential = lab.of(WAITING);
    const looks = new Looks(credential);
    const { lost, gate, end } = await heldPush(credential, "between the labels and the SQL", NEVER_CUT_MS);
    const next = await credential.ask();
    const superuser = { port: lab.server.port, ...lab.server.superuser };
    const waiting = `SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
      WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = '${WAITING}'`;
    await withSession(superuser, (session) =>
      until(async () => (await session.query(waiting)).rowCount, "the next push to wait for the lock"),
    );
    gate.letGo();
    // It had looked at the labels in time: what it sets is overwritten by who waits, of the same user.
    expect(await end).toBe("set");
    await credential.isTurned(next);
    await looks.end();
    expect(looks.refused).toEqual([]);
    expect(await credential.answerTo(lost)).toMatch(/^28/);
  });

  test.concurrent.each(RETIREMENTS)(
    "a retirement ($stroke) held $place, let go after $more more",
    async ({ word, place, more, stroke }) => {
      const credential = lab.of(word);
      const { name: secret } = credential.settings;
      const looks = new Looks(credential);
      const former = await credential.version();
      const token = await credential.ask();
      await credential.isCurrent(token);
      const { authorities, ...rest } = credential.neighbours({ idleMs: CUT_AFTER_MS });
      const { credentials } = rest;
      await until(async () => (await credentials.find(secret))?.predecessor, "the promotion to be noted");
      // The second stroke is made where the first one was.
      const isShut = async () => (await credential.answerTo(former)) !== "accepted";
      if (stroke === "PASSWORD") await until(isShut, "the first stroke");

      const gate = new Gate();
      const neighbours = { ...rest, authorities: heldAuthorities(authorities, place, gate) };
      const { user, versionId } = former;
      expect(otherUser(credential.settings, user)).toBe((await credential.version()).user);
      const input = { secret, token, other: { user, versionId }, stroke, execution: "late", enteredAt: Date.now() };
      const end = retirePredecessor(input, neighbours).then(() => "shut", nameOf);
      await gate.arrived;
      await credential.isTurned(token);
      for (let n = 0; n < more; n += 1) await credential.turn();
      gate.letGo();
      // Under the lock it is cut, unless on a slow machine the retirement was over when it came.
      const ends = place === "before the lock" ? ["Superseded"] : ["AuthorityUnreachable", "Superseded"];
      expect(ends).toContain(await end);
      expect(await credential.answerTo(await credential.version())).toBe("accepted");
      await credential.turn();
      await looks.end();
      expect(looks.refused).toEqual([]);
      expect(looks.count).toBeGreaterThan(5);
    },
  );
});

function nameOf({ name }: Error): string {
  return name;
}
