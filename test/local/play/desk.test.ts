import { expect, test } from "vitest";
import { itIsOver } from "../../../local/play/desk.ts";
import { PlayRun } from "../../../local/play/run.ts";

const NOW = Date.UTC(2026, 10, 28, 12);
const TOLD = { subject: "a1b2c3", cause: "CONFLICT", withinMs: 4000 };
const act = async () => undefined;

/** What is known of the finding; a turn ends it, and the watch finds it again. */
function known(endedAt?: number) {
  const finding = { ...TOLD, since: NOW, times: 1, ...(endedAt !== undefined && { endedAt }) };
  return { findings: { find: async () => finding as never } };
}

async function overAt(desk: ReturnType<typeof known>, mayLook?: () => boolean): Promise<number | undefined> {
  const over = itIsOver(desk, { ...TOLD, ...(mayLook && { mayLook }) });
  const expectations = [{ says: "You mend it", button: "Mend it" }, over];
  const of = { number: 1, name: "clone", title: "Clone an instance", id: "a1b2c3", startedAt: NOW };
  const run = new PlayRun(of, { expectations, act, mend: act });
  await run.look(() => NOW + 500);
  expect(run.row().expectations[1]?.metAt).toBeUndefined();
  await run.mend(() => NOW + 1000);
  await run.look(() => NOW + 2000);
  return run.row().expectations[1]?.metAt;
}

test("what a turn has ended before somebody mended it is over once that is mended, though no event says so again", async () => {
  expect(await overAt(known(NOW + 100))).toBe(NOW + 2000);
});

test("what stands is not over, and neither is what may be found once more", async () => {
  expect(await overAt(known())).toBeUndefined();
  expect(await overAt(known(NOW + 100), () => false)).toBeUndefined();
});
