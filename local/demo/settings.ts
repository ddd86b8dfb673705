import type { LocalSettings } from "../deploy-data.ts";
import type { OrdersTimes } from "../orders/orders.ts";
import type { ShopTimes } from "../shop/shop.ts";

/** Everything in seconds rather than minutes and days, so that the story is told in a minute and a half. */
export const SETTINGS: Omit<LocalSettings, "watchSeconds"> = {
  sampleIntervalSeconds: 2,
  rotateEverySeconds: 6,
  // All instances share this machine's clock.
  allowedSkewSeconds: 1,
  nonceMode: "hmac",
  timeSeries: "timestream",
  formerTimeSeries: "none",
  pushTimeoutSeconds: 30,
  secondLookSeconds: 1,
};

/** How long after a turn a sample with the former key is still excused, in milliseconds. */
export const GRACE_MS = (SETTINGS.allowedSkewSeconds + SETTINGS.sampleIntervalSeconds) * 1000;

/** The same of the credential that is shared. */
export const ORDERS_TIMES: OrdersTimes = { quietSeconds: 2, deadlineSeconds: 7 };

/** And of the token, which no story outlasts. */
export const SHOP_TIMES: ShopTimes = { ...ORDERS_TIMES, lifetimeSeconds: 3600 };

/** How often the watch looks, as long as the schedules are on; each look judges everybody. */
export const LOOKS_EVERY_SECONDS = 4;
