import type { HostState } from "../../../functions/clients/hosts.ts";
import type { Host } from "../../harness/host.ts";
import type { Fleet } from "../fleet.ts";
import { kind } from "../kind.ts";
import { A_DAY_MS, A_MINUTE_MS, AN_HOUR_MS } from "../times.ts";

interface Spell {
  agent: number;
  ms: number;
}

const spell =
  (leastMs: number, mostMs: number) => (draw: { agent(): number; span(least: number, most: number): number }) => ({
    agent: draw.agent(),
    ms: draw.span(leastMs, mostMs),
  });

/** EC2 tells of a new state; it may itself be behind with what it says when it is asked. */
export function change(host: Host, fleet: Fleet, state: HostState): void {
  if (state === "running") host.boot();
  else host.shutDown(state);
  fleet.world.hostChanged(host);
}

/** An instance is stopped, and started again minutes or days later. */
export const off = kind<Spell>({
  rate: { perAgentDay: 0.05 },
  draw: spell(5 * A_MINUTE_MS, 3 * A_DAY_MS),
  befall({ agent, ms }, fleet) {
    const host = fleet.agent(agent);
    if (host.state !== "running") return;
    change(host, fleet, "stopped");
    fleet.later(ms, () => {
      if (host.state === "stopped") change(host, fleet, "running");
    });
  },
});

/** An instance is terminated for good, and another one launched in its place. */
export const terminated = kind<{ agent: number }>({
  rate: { perAgentDay: 0.01 },
  draw: (draw) => ({ agent: draw.agent() }),
  befall({ agent }, fleet) {
    const host = fleet.agent(agent);
    change(host, fleet, "terminated");
    fleet.agents[agent] = fleet.launch();
  },
});

/** The power goes, and comes back. */
export const powerLost = kind<{ agent: number }>({
  rate: { perAgentDay: 0.05 },
  draw: (draw) => ({ agent: draw.agent() }),
  befall({ agent }, fleet) {
    const host = fleet.agent(agent);
    if (host.state === "running") host.losePowerAndBoot();
  },
});

/** No call of an instance reaches AWS, nor SSM the instance. Whoever proves nothing for so long is told of. */
export const cutOff = kind<Spell>({
  rate: { perAgentDay: 0.04 },
  draw: spell(A_MINUTE_MS, A_DAY_MS),
  befall({ agent, ms }, fleet) {
    const host = fleet.agent(agent);
    if (host.state !== "running") return;
    host.isCutOff = true;
    fleet.later(ms, () => {
      host.isCutOff = false;
    });
  },
});

/** EC2 is behind: for a while it says what was. */
export const lagging = kind<Spell & { says: HostState }>({
  rate: { perAgentDay: 0.04 },
  draw: (draw) => ({
    ...spell(A_MINUTE_MS, AN_HOUR_MS)(draw),
    says: draw.one(["running", "stopped", "pending", "unknown"] as const),
  }),
  befall({ agent, ms, says }, fleet) {
    const host = fleet.agent(agent);
    host.said = says;
    fleet.later(ms, () => {
      host.said = undefined;
    });
  },
});

/** A clock is off, or jumps, by seconds or by days, until somebody sets it. */
export const clockOff = kind<Spell & { byMs: number }>({
  rate: { perAgentDay: 0.04 },
  draw: (draw) => ({
    ...spell(10 * A_MINUTE_MS, 2 * A_DAY_MS)(draw),
    byMs: draw.one([-1, 1]) * draw.span(1000, 400 * A_DAY_MS),
  }),
  befall({ agent, ms, byMs }, fleet) {
    const host = fleet.agent(agent);
    host.clockOffMs = byMs;
    fleet.later(ms, () => {
      host.clockOffMs = 0;
    });
  },
});
