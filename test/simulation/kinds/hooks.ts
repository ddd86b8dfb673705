import { type Hooks, noHooks } from "../../../agent/turn/hooks.ts";
import type { HookOutcome } from "../../../protocol/index.ts";
import type { Fleet } from "../fleet.ts";
import { kind } from "../kind.ts";
import { A_DAY_MS, A_MINUTE_MS, AN_HOUR_MS } from "../times.ts";

const HOW = ["fails", "hangs", "outlasts", "is gone", "cannot be listed"] as const;
/** What the agent gives each hook, and the longest that a host which stands still makes of it. */
const LIMIT_MS = 2 * A_MINUTE_MS;
const STANDS_STILL_MS = 20 * A_MINUTE_MS;

interface Hooked {
  agent: number;
  how: (typeof HOW)[number];
  count: number;
  ms: number;
}

/** An instance has hooks that fail, hang, outlast their limit, cannot be run or be listed: its key is turned all the same. */
export const hooksFail = kind<Hooked>({
  rate: { perAgentDay: 0.03 },
  draw: (draw) => ({
    agent: draw.agent(),
    how: draw.one(HOW),
    count: draw.integer(1, 3),
    ms: draw.span(6 * AN_HOUR_MS, 3 * A_DAY_MS),
  }),
  befall(hooked, fleet) {
    const host = fleet.agent(hooked.agent);
    const hooks = hooksOf(hooked, fleet);
    host.hooks = hooks;
    fleet.later(hooked.ms, () => {
      if (host.hooks === hooks) host.hooks = noHooks;
    });
  },
});

function hooksOf({ how, count }: Hooked, { world }: Fleet): Hooks {
  const names = Array.from({ length: count }, (_, n) => `${n}0-a hook`);
  const run = async (): Promise<HookOutcome> => {
    if (how === "is gone") throw new Error("spawn ENOENT");
    if (how === "hangs") await world.clock.sleep(LIMIT_MS);
    if (how === "outlasts") await world.clock.sleep(STANDS_STILL_MS);
    return how === "fails" ? "failed" : "timed-out";
  };
  return {
    folder: "/etc/keyturn/hooks.d",
    list: async () => {
      if (how === "cannot be listed") throw new Error("EACCES");
      return names;
    },
    begin: () => ({ run }),
  };
}
