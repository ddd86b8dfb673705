import { Draw } from "./draw.ts";
import { KINDS } from "./kinds/index.ts";
import { BOOTING_MS, CALM_DAYS, type Happening, type Setup } from "./setup.ts";
import { A_DAY_MS } from "./times.ts";

/**
 * All that is to befall a fleet, drawn of the seed before anything runs, so that a part of it can be left out. Each kind has a stream
 * of its own: a new kind alters nothing of the others.
 */
export function planOf({ seed, agents, days, often = 1, calmDays = CALM_DAYS, only }: Setup): Happening[] {
  const [from, to] = [BOOTING_MS, (days - calmDays) * A_DAY_MS];
  const kinds = Object.entries(KINDS).filter(([name]) => only === undefined || only.includes(name));
  const all = kinds.flatMap(([name, { rate, draw: drawOne }]) => {
    const draw = new Draw(`${seed} ${name}`, agents);
    const perDay = "perDay" in rate ? rate.perDay : rate.perAgentDay * agents;
    const expected = (often * perDay * (to - from)) / A_DAY_MS;
    const count = Math.floor(expected) + (draw.fraction() < expected % 1 ? 1 : 0);
    return Array.from({ length: Math.max(0, count) }, (): Happening => {
      const at = Math.floor(from + draw.fraction() * (to - from));
      return { at, kind: name, what: drawOne(draw) };
    });
  });
  return all.sort((one, other) => one.at - other.at);
}
