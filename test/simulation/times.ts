export const A_SECOND_MS = 1000;
export const A_MINUTE_MS = 60 * A_SECOND_MS;
export const AN_HOUR_MS = 60 * A_MINUTE_MS;
export const A_DAY_MS = 24 * AN_HOUR_MS;
