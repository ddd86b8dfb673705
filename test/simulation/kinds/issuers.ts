import { kind } from "../kind.ts";
import { A_MINUTE_MS } from "../times.ts";

/** No longer than a token lives on after its turn is due: nobody could fetch another one meanwhile. */
const EIGHT_HOURS_MS = 8 * 60 * A_MINUTE_MS;

/** How an issuer may be for a while. */
const WAYS = [
  "isAway",
  "isProbeAway",
  "putsOff",
  "answersUnfit",
  "revokesNothing",
  "givesAgain",
  "saysNoLifetime",
] as const;

/** An issuer is away, puts off, answers no token, revokes nothing, gives the same again, or does not say how long a token lasts. */
export const issuerFails = kind<{ token: number; how: (typeof WAYS)[number]; ms: number }>({
  rate: { perDay: 0.8 },
  draw: (draw) => ({
    token: draw.integer(0, 99),
    how: draw.one(WAYS),
    ms: draw.span(A_MINUTE_MS, EIGHT_HOURS_MS),
  }),
  befall({ token, how, ms }, fleet) {
    const issuer = fleet.world.authorities.issuerOf(fleet.shared.token(token));
    issuer[how] = true;
    fleet.later(ms, () => {
      issuer[how] = false;
    });
  },
});

/** An issuer refuses one of the API keys. */
export const keyRefused = kind<{ token: number; key: number; ms: number }>({
  rate: { perDay: 0.2 },
  draw: (draw) => ({
    token: draw.integer(0, 99),
    key: draw.integer(0, 1),
    ms: draw.span(A_MINUTE_MS, EIGHT_HOURS_MS),
  }),
  befall({ token, key, ms }, fleet) {
    const settings = fleet.shared.token(token);
    const { refusedKeys } = fleet.world.authorities.issuerOf(settings);
    const refused = settings.keys[key] ?? settings.keys[0];
    refusedKeys.add(refused);
    fleet.later(ms, () => void refusedKeys.delete(refused));
  },
});

/** An issuer gives its tokens another life than is set. */
export const lifetimeDiffers = kind<{ token: number; times: number; ms: number }>({
  rate: { perDay: 0.2 },
  draw: (draw) => ({
    token: draw.integer(0, 99),
    times: draw.one([0.7, 0.95, 1.5]),
    ms: draw.span(A_MINUTE_MS, 4 * EIGHT_HOURS_MS),
  }),
  befall({ token, times, ms }, fleet) {
    const settings = fleet.shared.token(token);
    const issuer = fleet.world.authorities.issuerOf(settings);
    issuer.lifetimeSeconds = settings.lifetimeSeconds * times;
    fleet.later(ms, () => {
      issuer.lifetimeSeconds = settings.lifetimeSeconds;
    });
  },
});

/** Somebody revokes a token behind Keyturn's back: the current one, or the one before. */
export const tokenRevoked = kind<{ token: number; which: "current" | "predecessor" }>({
  rate: { perDay: 0.4 },
  draw: (draw) => ({ token: draw.integer(0, 99), which: draw.one(["current", "predecessor"] as const) }),
  async befall({ token, which }, { world, shared }) {
    const settings = shared.token(token);
    const version = (await world.secrets.stages(settings.name))?.[which];
    if (version === undefined) return;
    await shared.hurry(settings);
    await world.revokeBehind(settings, version);
  },
});
