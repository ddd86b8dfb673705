import { expect, test } from "vitest";
import { dropPending } from "../../../functions/credential/drop-pending/step.ts";
import { credentialWorld, FIRST, SECRET, THIRD, TOKEN } from "./support.ts";

const input = { secret: SECRET, token: TOKEN, judged: false };

test("a version is pending no longer, and the next rotation can be asked for", async () => {
  const world = await credentialWorld();
  expect(await world.secrets.askForRotation(SECRET, THIRD)).toBe("under-way");
  expect(await dropPending(input, world)).toEqual({});
  expect(await world.secrets.stages(SECRET)).toMatchObject({ current: FIRST, pending: undefined });
  expect(await world.secrets.askForRotation(SECRET, THIRD)).toBe("asked");
});

test("another version that is pending stays it, however late the call comes", async () => {
  const world = await credentialWorld();
  await dropPending(input, world);
  world.secrets.begin(SECRET, THIRD);
  expect(await dropPending(input, world)).toEqual({});
  expect(await world.secrets.stages(SECRET)).toMatchObject({ pending: THIRD });
});

test("a secret that is gone needs nothing", async () => {
  const world = await credentialWorld();
  world.secrets.delete(SECRET);
  expect(await dropPending(input, world)).toEqual({});
});

test("a version that has a value stays pending, unless it is known not to be in force", async () => {
  const world = await credentialWorld();
  await world.secrets.putPending(SECRET, TOKEN, "drawn by an earlier try, and perhaps set");
  await dropPending(input, world);
  expect(await world.secrets.stages(SECRET)).toMatchObject({ pending: TOKEN });
  await dropPending({ ...input, judged: true }, world);
  expect(await world.secrets.stages(SECRET)).toMatchObject({ pending: undefined });
});
