import { simulate } from "./simulation.ts";

const [seed = 1, agents = 60, days = 10] = process.argv.slice(2).map(Number);
const t = Date.now();
const { fleet, broken, plan } = await simulate({ seed, agents, days });
console.log(
  fleet.history.lines
    .filter((l) => !/Key Rotated/.test(l))
    .slice(0, 30)
    .join("\n"),
);
console.log({
  ms: Date.now() - t,
  rotations: fleet.rotations,
  mails: fleet.world.mail.sent.length,
  plan: plan.length,
  broken,
  digest: fleet.history.digest(),
  calls: fleet.world.calls.count,
  rss: process.memoryUsage().rss / 1e6,
});
const names = new Map<string, number>();
for (const m of fleet.world.calls.made) names.set(m.split(": ")[1]!, (names.get(m.split(": ")[1]!) ?? 0) + 1);
if (process.env.NAMES) console.log([...names].sort((a, b) => b[1] - a[1]));
