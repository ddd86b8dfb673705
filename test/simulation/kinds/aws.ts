import { kind } from "../kind.ts";
import { A_MINUTE_MS } from "../times.ts";

/** For a while no call of anybody reaches AWS, or no function can be started either. */
export const awsAway = kind<{ ms: number; how: "outage" | "blackout" }>({
  rate: { perDay: 0.2 },
  draw: (draw) => ({ ms: draw.span(A_MINUTE_MS, 180 * A_MINUTE_MS), how: draw.one(["outage", "blackout"] as const) }),
  befall({ ms, how }, fleet) {
    const { world, expectations, now } = fleet;
    world.calls.away = how;
    expectations.nobodyIsToldUntil = Math.max(expectations.nobodyIsToldUntil, now + ms);
    fleet.later(ms, () => world.beBack());
  },
});

/** Nobody can be mailed for a while. */
export const notifierFails = kind<{ ms: number }>({
  rate: { perDay: 0.2 },
  draw: (draw) => ({ ms: draw.span(A_MINUTE_MS, 180 * A_MINUTE_MS) }),
  befall({ ms }, fleet) {
    const { world, expectations, now } = fleet;
    const { send } = world.mail;
    world.mail.send = async () => {
      throw Object.assign(new Error("Service Unavailable"), {
        name: "ServiceUnavailable",
        $metadata: { httpStatusCode: 503 },
      });
    };
    expectations.nobodyIsToldUntil = Math.max(expectations.nobodyIsToldUntil, now + ms);
    fleet.later(ms, () => {
      world.mail.send = send;
    });
  },
});
