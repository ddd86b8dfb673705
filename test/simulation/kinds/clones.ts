import type { Host } from "../../harness/host.ts";
import type { Fleet } from "../fleet.ts";
import { kind } from "../kind.ts";
import { CAUSES_OF_TWO, comeIn, isIn } from "../others.ts";
import { A_DAY_MS, A_MINUTE_MS, AN_HOUR_MS } from "../times.ts";
import { change } from "./hosts.ts";

/**
 * A copy of a disk goes on beside its host, under its credentials. Until one of the two turns, nobody can tell them apart; from
 * then on the other one is found. One that takes the commands is the instance, as far as anybody can tell, until it is rekeyed.
 */
export const diskCopied = kind<{ agent: number; ms: number; takesCommands: boolean }>({
  rate: { perAgentDay: 0.012 },
  draw: (draw) => ({
    agent: draw.agent(),
    ms: draw.span(AN_HOUR_MS, 3 * A_DAY_MS),
    takesCommands: draw.one([true, false, false, false]),
  }),
  async befall({ agent, ms, takesCommands }, fleet) {
    const host = fleet.agent(agent);
    if (host.state !== "running" || (await host.keyFile()) === undefined) return;
    const clone = comeIn(host, fleet, { ms, takesCommands });
    clone.disk = host.disk.afterProcessDeath();
    clone.boot();
    expectToldOnceApart(host, clone, fleet);
  },
});

/** Looks each hour whether the two hold different keys by now. */
function expectToldOnceApart(host: Host, clone: Host, fleet: Fleet): void {
  fleet.later(AN_HOUR_MS, async () => {
    const [own, copied] = [await host.keyFile(), await clone.keyFile()];
    if (!isIn(clone) || own === undefined || copied === undefined || own.id !== copied.id) return;
    if (own.generation === copied.generation) return expectToldOnceApart(host, clone, fleet);
    const isSeen = () => isIn(clone) && host.state === "running" && fleet.recordOf(host)?.status === "ACTIVE";
    const because = `a copy of its disk proves the key of generation ${copied.generation}, and it that of ${own.generation}`;
    const { ec2InstanceId } = host;
    const subjects = [own.id, ec2InstanceId];
    fleet.expectations.add({ subjects, causes: CAUSES_OF_TWO, because, unless: () => !isSeen() }, 4 * AN_HOUR_MS);
  });
}

/** A host is launched from a copy of another one's disk: it registers as itself, and nothing is left of the other's key. */
export const imageLaunched = kind<{ agent: number; ms: number }>({
  rate: { perAgentDay: 0.008 },
  draw: (draw) => ({ agent: draw.agent(), ms: draw.span(30 * A_MINUTE_MS, 2 * A_DAY_MS) }),
  async befall({ agent, ms }, fleet) {
    const host = fleet.agent(agent);
    const { id } = (await host.keyFile()) ?? {};
    if (id === undefined) return;
    const copy = fleet.launch({ disk: host.disk.afterProcessDeath() });
    fleet.later(10 * A_MINUTE_MS, async () => {
      const held = await copy.keyFile();
      if (held?.id === id) fleet.world.broken.push(`${copy.ec2InstanceId}, a copy, holds the key of ${id} still`);
    });
    fleet.later(ms, () => change(copy, fleet, "terminated"));
  },
});
