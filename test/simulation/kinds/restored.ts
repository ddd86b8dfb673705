import { isRetired } from "../../../functions/record/record.ts";
import type { Host } from "../../harness/host.ts";
import type { Fleet } from "../fleet.ts";
import { kind } from "../kind.ts";
import { CAUSES_OF_TWO } from "../others.ts";
import { A_DAY_MS, AN_HOUR_MS } from "../times.ts";

/** How long ago the backup was made. */
const ago = (draw: { span(least: number, most: number): number }) => draw.span(AN_HOUR_MS, 3 * A_DAY_MS);

/** What people are told of a side that is of an earlier day. */
const CAUSES = [...CAUSES_OF_TWO, "BroughtForward", "KeyUnreadable"];

/** A host whose sides have come apart is told of, unless both know the same again before that. */
function expectTold(host: Host, fleet: Fleet, because: string): void {
  const { id, rekeyedAt = 0 } = fleet.recordOf(host) ?? {};
  if (id === undefined) return;
  const isOver = () => {
    const record = fleet.recordOf(host);
    const isMended = record?.id !== id || (record.rekeyedAt ?? 0) > rekeyedAt || record.status !== "ACTIVE";
    return host.state !== "running" || host.isCutOff || isMended;
  };
  const subjects = [id, host.ec2InstanceId];
  fleet.expectations.add({ subjects, causes: CAUSES, because, unless: isOver }, 5 * AN_HOUR_MS);
}

/** Somebody puts back the record of an instance from a backup. */
export const recordRestored = kind<{ agent: number; ms: number }>({
  rate: { perAgentDay: 0.01 },
  draw: (draw) => ({ agent: draw.agent(), ms: ago(draw) }),
  befall({ agent, ms }, fleet) {
    const host = fleet.agent(agent);
    const backup = fleet.recordOf(host);
    if (backup === undefined) return;
    fleet.later(ms, () => {
      const record = fleet.world.registry.records.get(backup.id);
      if (fleet.isCalm || record === undefined || isRetired(record)) return;
      fleet.note(
        `the record of ${backup.id} is put back from generation ${record.current.generation} to ${backup.current.generation}`,
      );
      fleet.world.restore(backup);
      if (record.current.generation > backup.current.generation + 1) expectTold(host, fleet, "its record was put back");
    });
  },
});

/** Somebody puts back the whole table of the records: who registered since then has none. */
export const tableRestored = kind<{ ms: number }>({
  rate: { perDay: 0.12 },
  draw: (draw) => ({ ms: ago(draw) }),
  befall({ ms }, fleet) {
    const { registry } = fleet.world;
    const [records, owners] = [new Map(registry.records), new Map(registry.owners)];
    fleet.later(ms, () => {
      if (fleet.isCalm) return;
      for (const id of [...registry.records.keys()]) if (!records.has(id)) registry.records.delete(id);
      for (const backup of records.values()) fleet.world.restore(backup);
      registry.owners.clear();
      for (const [ec2InstanceId, owner] of owners) registry.owners.set(ec2InstanceId, owner);
      fleet.note("the table of the records is put back");
    });
  },
});

/** The disk of an instance is put back from a snapshot. */
export const diskRestored = kind<{ agent: number; ms: number }>({
  rate: { perAgentDay: 0.012 },
  draw: (draw) => ({ agent: draw.agent(), ms: ago(draw) }),
  befall({ agent, ms }, fleet) {
    const host = fleet.agent(agent);
    const putBack = host.backUp();
    fleet.later(ms, async () => {
      if (fleet.isCalm || host.state !== "running") return;
      const before = await host.keyFile();
      host.shutDown("stopped");
      putBack();
      host.boot();
      const file = await host.keyFile();
      fleet.note(
        `the disk of ${host.ec2InstanceId} is put back from generation ${before?.generation} to ${file?.generation}`,
      );
      if (file?.generation !== before?.generation) expectTold(host, fleet, "its disk was put back");
    });
  },
});

/** An agent loses its folder, and registers anew: once nothing more comes from its former ID, it has its place. */
export const folderLost = kind<{ agent: number }>({
  rate: { perAgentDay: 0.01 },
  draw: (draw) => ({ agent: draw.agent() }),
  befall({ agent }, fleet) {
    const host = fleet.agent(agent);
    const former = fleet.recordOf(host);
    if (host.state !== "running" || former === undefined) return;
    host.wipe();
    host.startAgent();
    const isOver = () => host.state !== "running" || host.isCutOff || fleet.recordOf(host)?.id !== former.id;
    const causes = ["RegisteredAnew", "TOO_MANY_IDS", "NewcomerRetired", "QUARANTINED", "STALE"];
    const because = "its agent has lost its folder";
    const subjects = [host.ec2InstanceId, former.id];
    fleet.expectations.add({ subjects, causes, because, unless: isOver }, 8 * AN_HOUR_MS);
  },
});
