import { expect, test } from "vitest";
import type { TokenCredential } from "../../functions/shared/credential-settings.ts";
import { Gate } from "../credential/held.ts";
import { AT_THE_END, holdAll } from "./invariants.ts";
import { followed, MANY } from "./scenarios/tokens.ts";
import { World } from "./world.ts";

const PLACES = ["before the labels are read", "between the labels and the request"] as const;
type Place = (typeof PLACES)[number];

/** The first request of a kind that is made of an issuer is held up at a gate. */
function holdFirst(
  world: World,
  settings: TokenCredential,
  { request, place, gate }: { request: "issue" | "revoke"; place: Place; gate: Gate },
): void {
  const issuer = world.authorities.issuerOf(settings);
  const { through } = issuer;
  let isHeld = false;
  issuer.through = (pass) => {
    const real = through(pass);
    async function held<Of, Answer>(
      ask: (of: Of, mayGoOn: () => Promise<boolean>) => Promise<Answer>,
      of: Of,
      mayGoOn: () => Promise<boolean>,
    ): Promise<Answer> {
      if (isHeld) return ask(of, mayGoOn);
      isHeld = true;
      if (place === "before the labels are read") {
        await gate.pass();
        return ask(of, mayGoOn);
      }
      return ask(of, async () => {
        const may = await mayGoOn();
        await gate.pass();
        return may;
      });
    }
    if (request === "issue") return { ...real, issue: (user, mayGoOn) => held(real.issue, user, mayGoOn) };
    return { ...real, revoke: (login, mayGoOn) => held(real.revoke, login, mayGoOn) };
  };
}

const ways = (["one", "many"] as const).flatMap((tokensPerKey) =>
  (["issue", "revoke"] as const).flatMap((request) =>
    PLACES.flatMap((place) => [0, 1, 2].map((more) => ({ tokensPerKey, request, place, more }))),
  ),
);

test.each(ways)(
  "$tokensPerKey a key: a call of $request is held up $place, $more more rotations, and let go: one look and its turn mend all",
  async ({ tokensPerKey, more, ...held }) => {
    const world = new World();
    const settings = await followed(world, tokensPerKey === "many" ? MANY : {});
    const gate = new Gate();
    holdFirst(world, settings, { ...held, gate });
    let isThere = false;
    void gate.arrived.then(() => {
      isThere = true;
    });
    for (let n = 0; n <= more; n += 1) {
      await world.rotateSecret(settings, `44444444-4444-4444-8444-00000000000${n}`);
      await world.settle();
      await world.pass(2 * settings.quietSeconds * 1000);
    }
    expect(isThere).toBe(true);
    const currentOf = async () => (await world.secrets.stages(settings.name))?.current;
    expect(await currentOf()).toBe(`44444444-4444-4444-8444-00000000000${more}`);

    // Of an issuer with one token a key, what it is asked for late ends the one that it gave since.
    world.watching = false;
    gate.letGo();
    await world.settle();
    world.start("watch", {});
    await world.settle();
    world.watching = true;
    const refused = () => world.consumers.flatMap((consumer) => consumer.refused);
    const before = refused().length;
    for (const consumer of world.consumers) await consumer.use();
    expect(refused()).toHaveLength(before);
    const isHurt = tokensPerKey === "one" && held.request === "issue" && held.place !== PLACES[0] && more !== 1;
    // The look has found it refused, and had it turned.
    expect((await currentOf()) !== `44444444-4444-4444-8444-00000000000${more}`).toBe(isHurt);
    if (isHurt) world.forced.add(settings.name);
    await world.comeRound();
    await holdAll(AT_THE_END, world);
  },
);
