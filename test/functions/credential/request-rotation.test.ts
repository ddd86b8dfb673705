import { describe, expect, test } from "vitest";
import { requestRotation } from "../../../functions/credential/request-rotation/step.ts";
import { startNextTry, tryName } from "../../../functions/credential/tries.ts";
import { StepError } from "../../../functions/shared/errors.ts";
import { type CredentialWorld, credentialWorld, SECRET, TOKEN } from "./support.ts";

const EVENT = "9ba1dc2a-3d21-4f1e-a3b8-4c5c8a1d6e01";
const OTHER_EVENT = "9ba1dc2a-3d21-4f1e-a3b8-4c5c8a1d6e02";

/** A world in which no version is pending. */
async function quietWorld(): Promise<CredentialWorld> {
  const world = await credentialWorld();
  await world.secrets.dropPending(SECRET, TOKEN);
  return world;
}

/** @param meanwhile what happens at each wait, which is counted from 1 */
function request(
  world: CredentialWorld,
  { id = EVENT, secret = SECRET, ...detail }: { id?: string; secret?: string } & Record<string, unknown> = {},
  meanwhile: (wait: number) => unknown = () => undefined,
) {
  let waits = 0;
  const wait = async (ms: number) => {
    world.clock.at += ms;
    waits += 1;
    await meanwhile(waits);
  };
  return requestRotation({ id, detail: { secret, ...detail } }, { ...world, wait });
}

const start = (world: CredentialWorld, token = TOKEN) =>
  startNextTry({ secret: SECRET, token }, { last: undefined, trigger: "secretsmanager" }, world);
const refused = ({ findings }: CredentialWorld, subject = SECRET) =>
  findings.find({ subject, cause: "RequestRefused" });
const lines = async ({ audit }: CredentialWorld) => (await audit.lines(SECRET, {})).lines;
const askedFor = ({ secrets }: CredentialWorld) => secrets.asked.map(({ token }) => token);

test("asks Secrets Manager under the event's own ID, and notes it", async () => {
  const world = await quietWorld();
  expect(await request(world, { requestedBy: "ops", reason: "a drill" })).toEqual({});
  expect(world.secrets.asked).toEqual([{ secret: SECRET, token: EVENT }]);
  expect((await world.record()).requested).toEqual([
    { token: EVENT, force: false, heal: false, at: world.now(), requestedBy: "ops", reason: "a drill" },
  ]);
  expect([await lines(world), world.mail.sent]).toEqual([[], []]);
});

test.each([
  [{ force: true }, "force"],
  [{ heal: true }, "heal"],
  [{ force: true, heal: true }, "force, heal"],
])("what is more than a plain rotation is noted before it is asked for, with an audit line: %o", async (how, words) => {
  const world = await quietWorld();
  const noted: unknown[] = [];
  const askForRotation: CredentialWorld["secrets"]["askForRotation"] = async (...asked) => {
    noted.push(...(await world.record()).requested);
    return world.secrets.askForRotation(...asked);
  };
  const secrets = { ...world.secrets, askForRotation };
  await request({ ...world, secrets }, { ...how, requestedBy: "ops\nTo do: this" });
  expect(noted).toMatchObject([{ token: EVENT, force: false, heal: false, ...how }]);
  expect(await lines(world)).toMatchObject([{ act: "requested", n: 1 }]);
  const [line] = await lines(world);
  expect(JSON.parse(line?.details ?? "")).toEqual({ token: EVENT, how: words, requestedBy: "ops?To do: this" });
  expect((await world.record()).auditDue).toEqual([]);
});

test("the same event again notes nothing more, and is the same request", async () => {
  const world = await quietWorld();
  await request(world, { force: true });
  world.clock.at += 60_000;
  await request(world, { force: true });
  expect(askedFor(world)).toEqual([EVENT]);
  expect((await world.record()).requested).toHaveLength(1);
  expect(await lines(world)).toHaveLength(1);
  expect(await refused(world)).toBeUndefined();
});

test("ten requests are remembered, the last ones", async () => {
  const world = await quietWorld();
  for (let n = 10; n < 22; n += 1) {
    await request(world, { id: `${EVENT.slice(0, -2)}${n}` });
    await world.secrets.dropPending(SECRET, `${EVENT.slice(0, -2)}${n}`);
  }
  const { requested } = await world.record();
  expect(requested.map(({ token }) => token.slice(-2))).toEqual(Array.from({ length: 10 }, (_, n) => String(n + 12)));
});

describe("while another version is pending", () => {
  test("and its execution runs, people are told which, and nothing is taken off", async () => {
    const world = await credentialWorld();
    await start(world);
    await request(world);
    expect(askedFor(world)).toEqual([]);
    expect(await world.secrets.stages(SECRET)).toMatchObject({ pending: TOKEN });
    const running = tryName({ secret: SECRET, token: TOKEN }, 1);
    expect(await refused(world)).toMatchObject({
      execution: expect.stringMatching(new RegExp(`:${running}$`)),
      facts: { said: expect.stringMatching(`${running}.*Ask again`) },
    });
  });

  test.each(["FAILED", "TIMED_OUT", "ABORTED", "SUCCEEDED"] as const)(
    "and its last execution has ended %s, it makes room",
    async (status) => {
      const world = await credentialWorld();
      await start(world);
      Object.assign(world.executions.started[0] ?? {}, { ended: true, end: { status, error: "", cause: "" } });
      await request(world, { heal: true });
      expect(askedFor(world)).toEqual([EVENT]);
      expect(await world.secrets.stages(SECRET)).toMatchObject({ pending: EVENT });
      expect(await refused(world)).toBeUndefined();
    },
  );

  test("and none was ever started for it, it makes room after a while", async () => {
    const world = await credentialWorld();
    const began = world.now();
    await request(world);
    expect(world.now() - began).toBeGreaterThanOrEqual(10_000);
    expect(askedFor(world)).toEqual([EVENT]);
  });

  test("and its execution is started at this moment, it is left alone", async () => {
    const world = await credentialWorld();
    await request(world, {}, (wait) => wait === 2 && start(world));
    expect(await world.secrets.stages(SECRET)).toMatchObject({ pending: TOKEN });
    expect(await refused(world)).toBeDefined();
  });

  test("an event that comes late, once more, takes nothing off and tells nobody", async () => {
    const world = await quietWorld();
    await request(world);
    await start(world, EVENT);
    world.secrets.begin(SECRET, OTHER_EVENT);
    world.secrets.asked.length = 0;
    await request(world);
    expect(await world.secrets.stages(SECRET)).toMatchObject({ pending: OTHER_EVENT });
    expect([await refused(world), world.mail.sent]).toEqual([undefined, []]);
  });

  test("others are faster each time: people are told", async () => {
    const world = await credentialWorld();
    const secrets = { ...world.secrets, askForRotation: async () => "under-way" as const };
    await request({ ...world, secrets });
    expect(await refused(world)).toMatchObject({ facts: { said: expect.stringMatching("at the same moment") } });
  });
});

describe("what cannot be had is told, once, and nothing is thrown", () => {
  test("a credential that the settings do not know: nothing is noted or asked for", async () => {
    const world = await quietWorld();
    for (let comes = 0; comes < 2; comes += 1) await request(world, { secret: "orders/dc", force: true });
    expect(await refused(world, '"orders/dc"')).toMatchObject({
      facts: { said: expect.stringMatching(/orders\/dc.*orders\/db/) },
      execution: expect.stringMatching(/^arn:aws:states:/),
    });
    expect(world.mail.sent.map(({ subject }) => subject)).toEqual(['Keyturn: RequestRefused on "orders/dc"']);
    expect([askedFor(world), world.credentials.records.size]).toEqual([[], 0]);
  });

  test.each(["fleet", "watch", "mail", "0a1b2c", "i-0123456789abcdef0"])(
    "one whose name stands for something else in findings: %s",
    async (secret) => {
      const world = await quietWorld();
      await request(world, { secret });
      // Of the fleet it is remembered who came first, which is no finding.
      expect((await refused(world, secret))?.times ?? 0).toBe(0);
      expect(await refused(world, `"${secret}"`)).toMatchObject({ facts: { said: expect.stringMatching(secret) } });
    },
  );

  test("a secret that is gone", async () => {
    const world = await quietWorld();
    world.secrets.delete(SECRET);
    await request(world);
    expect(await refused(world)).toMatchObject({ facts: { said: expect.stringMatching("Secrets Manager refuses") } });
  });

  test("a secret of which Secrets Manager says that its rotation is off", async () => {
    const world = await quietWorld();
    const askForRotation = async () => {
      throw Object.assign(new Error("No rotation function was set."), { name: "InvalidRequestException" });
    };
    await request({ ...world, secrets: { ...world.secrets, askForRotation } });
    expect(await refused(world)).toMatchObject({ facts: { said: expect.stringMatching("No rotation function") } });
  });

  test("but not where it refuses a token whose rotation has taken place", async () => {
    const world = await quietWorld();
    await start(world, EVENT);
    const askForRotation = async () => {
      throw Object.assign(new Error("The token is in use."), { name: "InvalidRequestException" });
    };
    await request({ ...world, secrets: { ...world.secrets, askForRotation } });
    expect(await refused(world)).toBeUndefined();
  });
});

test("what AWS cannot do at the moment is thrown, and asked for when the event comes again", async () => {
  const world = await quietWorld();
  const askForRotation = async () => {
    throw new StepError("TemporarilyUnavailable", "Secrets Manager is away.");
  };
  const away = { ...world, secrets: { ...world.secrets, askForRotation } };
  await expect(request(away, { force: true })).rejects.toMatchObject({ name: "TemporarilyUnavailable" });
  await request(world, { force: true });
  expect(askedFor(world)).toEqual([EVENT]);
  expect([(await world.record()).requested.length, (await lines(world)).length]).toEqual([1, 1]);
});
