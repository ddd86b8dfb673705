import type { Habit } from "../../harness/consumer.ts";
import type { Draw } from "../draw.ts";
import { kind } from "../kind.ts";
import { A_DAY_MS, AN_HOUR_MS } from "../times.ts";

/** Whichever number it is, there is somebody of whom it is. */
const anyone = (draw: Draw) => draw.integer(0, 999);

/** A consumer goes on with what it has read, for hours or days, until it is started again. */
export const consumerHolds = kind<{ consumer: number; ms: number }>({
  rate: { perDay: 0.6 },
  draw: (draw) => ({ consumer: anyone(draw), ms: draw.span(AN_HOUR_MS, 3 * A_DAY_MS) }),
  befall: ({ consumer, ms }, { shared }) => shared.hold(shared.consumer(consumer), ms),
});

/** A consumer does not run for hours or days. */
export const consumerIsOff = kind<{ consumer: number; ms: number }>({
  rate: { perDay: 0.3 },
  draw: (draw) => ({ consumer: anyone(draw), ms: draw.span(AN_HOUR_MS, 3 * A_DAY_MS) }),
  befall: ({ consumer, ms }, { shared }) => shared.shutDown(shared.consumer(consumer), ms),
});

/** Somebody whom the settings do not name uses a credential, as consumers do or without ever reading it again. */
export const stranger = kind<{ credential: number; habit: Habit; ms: number }>({
  rate: { perDay: 0.3 },
  draw: (draw) => ({
    credential: anyone(draw),
    habit: draw.one(["asks", "holds"] as const),
    ms: draw.span(AN_HOUR_MS, 2 * A_DAY_MS),
  }),
  befall: ({ credential, ...how }, { shared }) => shared.intrude(shared.credential(credential), how),
});
