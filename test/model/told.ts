import type { Explored, Model } from "./model.ts";

/** What an exploration has come to, for a reader: how much was seen, within which bounds, and a counter-example. */
export function told(model: Model<unknown>, { states, transitions, depth, broken }: Explored): string {
  const bounds = Object.entries(model.bounds).filter(([, value]) => value !== false && value !== 0);
  const within = bounds.map(([name, value]) => (value === true ? name : `${name} ${value}`)).join(", ");
  const seen = `${model.name}: ${states} states, ${transitions} transitions, depth ${depth} (${within})`;
  if (broken === undefined) return seen;
  const width = String(broken.history.length).length;
  const steps = broken.history.map(({ label, looks }, n) => `${String(n).padStart(width)}  ${label}\n      ${looks}`);
  return [seen, `DOES NOT HOLD: ${broken.property}. ${broken.sentence}`, ...steps].join("\n");
}
