import fc from "fast-check";
import { expect, test } from "vitest";
import type { TokenCredential } from "../../functions/shared/credential-settings.ts";
import { functionNameOf } from "../../functions/steps.ts";
import { type Fault, KINDS, type Scheduler } from "./calls.ts";
import type { Habit } from "./consumer.ts";
import { AT_THE_END, holdAll } from "./invariants.ts";
import { MANY } from "./scenarios/tokens.ts";
import { World } from "./world.ts";

/** More runs by hand: `KEYTURN_RUNS=500`, and the seed of one that failed, `KEYTURN_SEED=…`. */
const RUNS = Number(process.env.KEYTURN_RUNS ?? 15);
const SEED = process.env.KEYTURN_SEED === undefined ? {} : { seed: Number(process.env.KEYTURN_SEED) };

const A_LOOK_MS = 5 * 60_000;
const EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:keyturn-watch:a-look";
/** Two hours and a half are half of its life and some looks. */
const LIFETIME_SECONDS = 4 * 3600;
const MOST_LOOKS = 30;

/** What people do, and what befalls the issuer; `revoke` is somebody else's, behind Keyturn's back. */
const ACTS = ["rotate", "rotate twice", "force", "take off", "away", "probe away", "refuse a key", "revoke"] as const;
type Act = (typeof ACTS)[number];
/** All rounds of them together are shorter than half of a token's life: nobody can fetch another one meanwhile. */
const OUTAGES: Act[] = ["away", "probe away", "refuse a key"];
const MOST_OF_OUTAGE = 4;

const faults = fc.array(
  fc.record<Fault>({
    call: fc.integer({ min: 1, max: 120 }),
    when: fc.constantFrom("before", "after"),
    what: fc.constantFrom(...KINDS.filter((kind) => kind !== "outage" && kind !== "blackout")),
  }),
  { maxLength: 4 },
);
const rounds = fc.array(
  fc.record({ act: fc.constantFrom(...ACTS), faults, looks: fc.integer({ min: 0, max: MOST_LOOKS }) }),
  { minLength: 1, maxLength: 4 },
);
const habit = fc.constantFrom<Habit>("asks", "asks", "seldom", "holds");
const kind = fc.constantFrom<Partial<TokenCredential>>({}, MANY, { tokensPerKey: "many" });

let tokens = 0;
function nextToken(): string {
  tokens += 1;
  return `55555555-5555-4555-8555-${String(tokens).padStart(12, "0")}`;
}

/** Time passes as it does in life: the watch looks at its intervals, here at credentials alone. */
async function look(world: World, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    await world.pass(A_LOOK_MS);
    // What goes round in circles does so within a look.
    world.functions.invoked.splice(0);
    const looked = lookOnce(world);
    await world.settle();
    await looked;
  }
}

async function lookOnce({ functions }: World): Promise<void> {
  const read = await functions.invoke(functionNameOf({ flow: "watch", name: "read-credentials" }), {});
  if (!read.ok) return;
  const seen = { ...(read.payload as object), execution: EXECUTION };
  await functions.invoke(functionNameOf({ flow: "watch", name: "look-at-credentials" }), seen);
}

/** Somebody asks for the end of the former token, by an event. */
async function force(world: World, { name }: TokenCredential, token: string): Promise<void> {
  const record = await world.credentials.find(name);
  if (record === undefined) return;
  const asked = { token, force: true, heal: false, at: world.clock.now() };
  await world.credentials.write({ ...record, requested: [...record.requested, asked] }, record);
}

async function doIt(act: Act, world: World, settings: TokenCredential): Promise<void> {
  const { name, keys } = settings;
  const issuer = world.authorities.issuerOf(settings);
  const { pending, current } = (await world.secrets.stages(name)) ?? {};
  if (act === "force" || act === "revoke") world.forced.add(name);
  if (act === "revoke") await world.revokeBehind(settings);
  if (act === "away") issuer.isAway = true;
  if (act === "probe away") issuer.isProbeAway = true;
  if (act === "refuse a key") issuer.refusedKeys.add(keys.at(-1) ?? "");
  const token = nextToken();
  if (act === "force") await force(world, settings, token);
  if (act !== "take off" && act !== "revoke") void world.rotateSecret(settings, token);
  if (act === "rotate twice") void world.rotateSecret(settings, nextToken());
  await world.settle();
  if (act === "take off" && pending !== undefined && pending !== current) {
    await world.secrets.dropPending(name, pending);
  }
}

test(
  "a token is valid at every moment, whatever is done, dies or is away, and then it turns",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        kind,
        rounds,
        fc.tuple(habit, habit),
        async (scheduler, changes, chaos, habits) => {
          const world = new World({ scheduler: scheduler as unknown as Scheduler });
          const settings = await world.settledToken({ ...changes, lifetimeSeconds: LIFETIME_SECONDS });
          const issuer = world.authorities.issuerOf(settings);
          const consumers = [
            await world.consumer(settings, "web", habits[0]),
            await world.consumer(settings, "batch", habits[1]),
          ];
          for (const { act, faults, looks } of chaos) {
            world.calls.countAnew();
            world.calls.faults.splice(0, Number.POSITIVE_INFINITY, ...structuredClone(faults));
            await doIt(act, world, settings);
            await look(world, Math.min(looks, OUTAGES.includes(act) ? MOST_OF_OUTAGE : MOST_LOOKS));
            Object.assign(issuer, { isAway: false, isProbeAway: false, refusedKeys: new Set() });
            // What nobody can hold any more is mended by a look and its turn.
            if (act === "revoke") {
              await look(world, 3);
              const { current = "" } = (await world.secrets.stages(settings.name)) ?? {};
              const { access_token } = JSON.parse((await world.secrets.read(settings.name, current)) ?? "{}");
              expect(issuer.honours(access_token), "a token that was revoked is not turned").toBe(true);
            }
          }

          world.calls.faults.length = 0;
          await look(world, 2 * MOST_LOOKS);
          // Who holds on to a token moves when that ends; then it is retired, and the next one is due.
          const { current: before } = (await world.secrets.stages(settings.name)) ?? {};
          await look(world, MOST_LOOKS + 6);
          const { current: after } = (await world.secrets.stages(settings.name)) ?? {};
          const last = world.flows.executions("credential").at(-1);
          expect(after, `${last?.name}: ${last?.error} ${last?.cause}`).not.toBe(before);
          for (let n = 0; n < 40 && world.credentials.records.get(settings.name)?.predecessor !== undefined; n += 1) {
            await look(world, 1);
          }
          // The whole of it also finishes what was to be told.
          world.functions.invoked.splice(0);
          world.start("watch", {});
          await world.settle();
          await holdAll(AT_THE_END, world);
          if (!world.forced.has(settings.name)) expect(consumers.flatMap(({ refused }) => refused)).toEqual([]);
        },
      ),
      { numRuns: RUNS, ...SEED, endOnFailure: process.env.KEYTURN_SEED !== undefined },
    );
  },
  300_000 + RUNS * 2000,
);
