import { afterAll, beforeAll, expect, test } from "vitest";
import { confirmSuccessor } from "../../functions/credential/confirm-successor/step.ts";
import { pushToAuthority } from "../../functions/credential/push-to-authority/step.ts";
import { onPostgres } from "../functions/postgres/under-test.ts";
import { type Lab, Looks, settingsFor, startLab, type TurnedCredential } from "./lab.ts";

// What turns a credential dies, and leaves AWSPENDING on a version: somebody takes that off by hand, or it is tried again.

/** What was done last before the crash. */
const MOMENTS = [
  { word: "put", moment: "the value was put" },
  { word: "pushed", moment: "the login was pushed" },
  { word: "confirmed", moment: "the login was confirmed" },
] as const;

type Moment = (typeof MOMENTS)[number]["word"];

onPostgres("after a crash when", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab(
      MOMENTS.flatMap(({ word }) => [`${word}off`, `${word}again`]).map((word) => settingsFor(word)),
    );
  });
  afterAll(() => lab?.close());

  /** Does of a turn what comes before a crash, and gives the version that is left. */
  async function crash(credential: TurnedCredential, moment: Moment) {
    const { user, versionId } = await credential.version();
    const current = { user, versionId };
    const left = await credential.leavePending();
    const neighbours = credential.neighbours();
    const other = { user: left.user };
    const turn = { secret: credential.settings.name, token: left.versionId, current, other };
    if (moment !== "put") await pushToAuthority(turn, neighbours);
    if (moment === "confirmed") {
      await confirmSuccessor({ ...turn, verdict: "MATCH" }, neighbours);
    }
    expect(await credential.answerTo(left)).toMatch(moment === "put" ? /^28/ : /^accepted$/);
    return left;
  }

  test.concurrent.each(MOMENTS)(
    "$moment, and AWSPENDING was taken off by hand, the next request succeeds",
    async ({ word }) => {
      const credential = lab.of(`${word}off`);
      const looks = new Looks(credential);
      const lost = await crash(credential, word);
      // Until then Secrets Manager takes no other request.
      await expect(credential.ask()).rejects.toMatchObject({ name: "InvalidRequestException" });
      await credential.takePendingOff(lost.versionId);
      const next = await credential.turn();
      expect(await credential.version()).toMatchObject({ versionId: next, user: lost.user });
      // What was set for the lost version can log in no longer.
      expect(await credential.answerTo(lost)).toMatch(/^28/);
      await credential.turn();
      await looks.end();
      expect(looks.refused).toEqual([]);
    },
  );

  test.concurrent.each(MOMENTS)("$moment, the same version is turned by the next try", async ({ word }) => {
    const credential = lab.of(`${word}again`);
    const { name: secret } = credential.settings;
    const looks = new Looks(credential);
    const left = await crash(credential, word);
    const again = await lab.fleet.start({ secret, token: left.versionId }, "credential");
    expect(await lab.fleet.ended(again)).toMatchObject({
      status: "SUCCEEDED",
      output: expect.stringMatching("ROTATED"),
    });
    expect(await credential.version()).toEqual(left);
    await credential.turn();
    await looks.end();
    expect(looks.refused).toEqual([]);
  });
});
