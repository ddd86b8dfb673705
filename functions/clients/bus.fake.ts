import type { Bus } from "./bus.ts";

/** A bus in memory, which keeps what was put on it. */
export function fakeBus(): Bus & { events: { detailType: string; detail: unknown }[] } {
  const events: { detailType: string; detail: unknown }[] = [];
  return {
    events,
    async put(kind, detail) {
      events.push({ detailType: kind.detailType, detail: kind.detail.parse(detail) });
    },
  };
}
