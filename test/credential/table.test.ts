import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../flows/support.ts";
import { onPostgres } from "../functions/postgres/under-test.ts";
import { ALL_HABITS, CONSUMERS, Consumer, type Habit } from "./consumer.ts";
import { type Lab, settingsFor, startLab, type TurnedCredential } from "./lab.ts";

/*
 * The table of docs/credentials.md, for Keyturn: what four kinds of consumers see of one rotation, and of a second one that is
 * asked for while they keep what they have read.
 */

const SETTINGS = { consumers: CONSUMERS, quietSeconds: 3, deadlineSeconds: 15 };

/** Those that never move by themselves: nothing refuses them. */
const STUCK: Habit[] = ["once", "refused"];

onPostgres("refused connections, of four kinds of consumers,", () => {
  let lab: Lab;
  const figures: string[] = [];
  beforeAll(async () => {
    lab = await startLab([settingsFor("first", SETTINGS), settingsFor("second", SETTINGS)]);
  });
  afterAll(async () => {
    await lab?.close();
    process.stdout.write(`${figures.join("\n")}\n`);
  });

  /** Does something while they all go on, of whom nobody may be refused. */
  async function underConsumers(
    title: string,
    credential: TurnedCredential,
    act: (consumers: Consumer[]) => Promise<void>,
  ): Promise<void> {
    const consumers = ALL_HABITS.map((habit) => new Consumer(habit, credential, lab.fleet));
    await until(() => consumers.every(({ connections }) => connections > 0), "all to have connected once");
    try {
      await act(consumers);
    } finally {
      await Promise.all(consumers.map((one) => one.end()));
    }
    const counts = consumers.map(({ refused, connections }) => `${refused.length} of ${connections}`);
    figures.push(`${title}: ${counts.join(" · ")}`);
    for (const { habit, refused } of consumers) expect({ habit, refused }).toEqual({ habit, refused: [] });
  }

  /** As people do, or a rule on the event that names who is behind. */
  const restartStuck = (consumers: Consumer[]) => {
    for (const one of consumers) if (STUCK.includes(one.habit)) one.restart();
  };

  test.concurrent("during one rotation: who does not move by himself is named, and nobody shut until he has", async () => {
    const credential = lab.of("first");
    const { credentials } = credential.neighbours();
    const former = await credential.version();
    await underConsumers("one rotation", credential, async (consumers) => {
      const token = await credential.ask();
      const predecessor = async () => (await credentials.find(credential.settings.name))?.predecessor;
      const announced = await until(async () => {
        const names = (await predecessor())?.announced ?? [];
        return STUCK.every((name) => names.includes(name)) && names;
      }, "the bus to be told who is behind");
      expect(announced).toEqual(expect.arrayContaining(STUCK));
      // For as long as he is waited for, both logins are good.
      expect(await credential.answerTo(former)).toBe("accepted");
      restartStuck(consumers);
      await credential.isTurned(token);
    });
    expect(await credential.answerTo(former)).toMatch(/^28(P01|000)$/);
  });

  test.concurrent("during two within the time for which they keep it: the second is BEHIND, and names them", async () => {
    const credential = lab.of("second");
    await underConsumers("two within a cache time", credential, async (consumers) => {
      const first = await credential.ask();
      await credential.isCurrent(first);
      const { error, cause } = await credential.ended(await credential.ask());
      expect(error).toBe("Keyturn.BEHIND");
      for (const habit of STUCK) expect(cause).toMatch(new RegExp(`\\b${habit} (used|was not seen)`));
      const { name: subject } = credential.settings;
      expect(await lab.fleet.finding({ subject, cause: "ConsumersBehind" })).toMatchObject({ subject });
      restartStuck(consumers);
      await credential.isTurned(first);
      expect((await credential.version()).versionId).toBe(first);
      // All have moved: now the next one is turned as well, as far as that those who hold it have to be waited for again.
      const next = await credential.ask();
      await credential.isCurrent(next);
      restartStuck(consumers);
      await credential.isTurned(next);
    });
  });
});
