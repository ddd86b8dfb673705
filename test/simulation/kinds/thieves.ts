import { hex64Of } from "../../functions/support.ts";
import type { Host } from "../../harness/host.ts";
import { type Fleet, INTERVAL_MS } from "../fleet.ts";
import { kind } from "../kind.ts";
import { CAUSES_OF_TWO, comeIn, isIn } from "../others.ts";
import { A_DAY_MS, AN_HOUR_MS } from "../times.ts";

const SAMPLES = ["wrong", "right", "spoilt", "nothing"] as const;

interface Thief {
  agent: number;
  ms: number;
  takesCommands: boolean;
  /** What he makes of the rightful agent's newest sample. */
  samples: (typeof SAMPLES)[number];
}

const theft = (draw: Parameters<Parameters<typeof kind<Thief>>[0]["draw"]>[0]): Thief => ({
  agent: draw.agent(),
  ms: draw.span(AN_HOUR_MS, 2 * A_DAY_MS),
  takesCommands: draw.one([true, false]),
  samples: draw.one(SAMPLES),
});

/** Somebody has an instance's credentials, registers in its place, and writes over what it writes. */
export const thiefRegisters = kind<Thief>({
  rate: { perAgentDay: 0.008 },
  draw: theft,
  befall(theft, fleet) {
    const host = fleet.agent(theft.agent);
    const former = fleet.recordOf(host);
    if (host.state !== "running" || former?.status !== "ACTIVE") return;
    const thief = comeIn(host, fleet, theft);
    thief.boot();
    goOnForging(host, thief, theft, fleet);
    // Who does not stay for long may be gone before anybody can tell that he is not the host.
    if (theft.ms < 4 * AN_HOUR_MS) return;
    const isOver = () =>
      !isIn(thief) || host.state !== "running" || host.isCutOff || fleet.recordOf(host) === undefined;
    const causes = ["NewcomerRetired", "RegisteredAnew", "TOO_MANY_IDS", "QUARANTINED", ...CAUSES_OF_TWO];
    const because = "somebody with its credentials has registered beside it";
    const subjects = [host.ec2InstanceId, former.id];
    fleet.expectations.add({ subjects, causes, because, unless: isOver }, 6 * AN_HOUR_MS);
  },
});

/** Somebody has an instance's credentials, knows its ID and not its key, and answers its tickets whenever he finds one. */
export const thiefAnswers = kind<Thief & { rekeyAfterMs: number }>({
  rate: { perAgentDay: 0.008 },
  draw: (draw) => ({ ...theft(draw), rekeyAfterMs: draw.span(INTERVAL_MS, 6 * AN_HOUR_MS) }),
  async befall(theft, fleet) {
    const host = fleet.agent(theft.agent);
    const id = await host.ownId();
    if (host.state !== "running" || id === undefined || (await host.keyFile()) === undefined) return;
    const thief = comeIn(host, fleet, theft);
    thief.disk = host.disk.afterProcessDeath();
    await thief.removeKeyFile();
    goOnAnswering(host, thief, theft, fleet);
    goOnForging(host, thief, theft, fleet);
    fleet.later(theft.rekeyAfterMs, () => {
      const { world } = fleet;
      // Else the rightful agent is mostly the first.
      if (!theft.takesCommands) world.commands.deliveries.unshift({ arrives: 1, told: 1, lateMs: 2 * INTERVAL_MS });
      world.start("operate", { act: "rekey", id });
    });
  },
});

/** At each interval he fetches the ticket that lies there. */
function goOnAnswering(host: Host, thief: Host, theft: Thief, fleet: Fleet): void {
  fleet.later(INTERVAL_MS, async () => {
    if (!isIn(thief)) return;
    await fleet.world.turn(thief);
    const answered = await thief.keyFile();
    if (answered === undefined) return goOnAnswering(host, thief, theft, fleet);
    const isOver = () => host.state !== "running" || (fleet.recordOf(host)?.rekey === undefined && !isIn(thief));
    goOnProving(thief, fleet);
    // Who takes the commands as well, and has nothing of the rightful agent's be read, is it for all that can be seen.
    if (theft.takesCommands && theft.samples === "spoilt") return;
    const because = "somebody with its credentials has answered its rekey";
    const subjects = [answered.id, host.ec2InstanceId];
    fleet.expectations.add({ subjects, causes: CAUSES_OF_TWO, because, unless: isOver }, 6 * AN_HOUR_MS);
  });
}

/** He proves the key that he has agreed. */
function goOnProving(thief: Host, fleet: Fleet): void {
  fleet.later(INTERVAL_MS, async () => {
    if (!isIn(thief)) return;
    await thief.prove();
    goOnProving(thief, fleet);
  });
}

/** At each interval he writes over the newest sample of the rightful agent. */
function goOnForging(host: Host, thief: Host, { samples }: Thief, fleet: Fleet): void {
  if (samples === "nothing") return;
  fleet.later(INTERVAL_MS, async () => {
    if (!isIn(thief)) return;
    const { timeSeries } = fleet.world;
    const { id } = fleet.recordOf(host) ?? {};
    const { ec2InstanceId } = host;
    const window = { from: 0, to: fleet.now, limit: 1 };
    const [newest] = id === undefined ? [] : await timeSeries.read({ id, ec2InstanceId, ...window });
    const hash = { right: newest?.hash ?? "", wrong: hex64Of(`forged at ${fleet.now}`), spoilt: "spoilt" }[samples];
    if (id !== undefined && newest !== undefined) timeSeries.write(id, ec2InstanceId, { ...newest, hash });
    goOnForging(host, thief, { samples } as Thief, fleet);
  });
}
