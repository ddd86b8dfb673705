import type { KeyFile } from "../../agent/state/key-file.ts";
import { type InstanceRecord, isRetired, type StoredRecord } from "../../functions/record/record.ts";
import type { Account } from "./account.ts";
import type { Host } from "./host.ts";

/** A host that has a key, or had one until somebody took it, with the live record of its ID. */
export interface Pair {
  host: Host;
  /** Undefined where somebody has removed or damaged it. */
  file: KeyFile | undefined;
  record: InstanceRecord;
}

/** What is looked at of an account: all of it, or what has changed. */
export interface Looked {
  pairs: Pair[];
  hosts: Host[];
  records: StoredRecord[];
  /** Whether anything of a secret, of its authority or of what is remembered of it may have changed. */
  credentials: boolean;
  /** Whether an exposed key may have been told of, or been altered. */
  accessKeys: boolean;
}

/** Everything. All of it is read in one go, so that it is what was there at one moment. */
export function everything({ hosts, registry }: Account): Promise<Looked> {
  return looked([...hosts.values()], [...registry.records.values()], new Map(registry.records), {
    credentials: true,
    accessKeys: true,
  });
}

/** What has changed since it was looked last: who looks after each call would look at the same again and again. */
export class Changes {
  readonly #records = new Map<string, StoredRecord>();
  /** By host, everything of it that an invariant asks about. */
  readonly #hosts = new Map<Host, unknown[]>();

  /** @param call the name of the call that was made, `registry.promote`; undefined where anything may have happened */
  since({ hosts, registry, restored }: Account, call?: string): Promise<Looked> {
    const mayBe = (calls: RegExp) => call === undefined || calls.test(call);
    const others = { credentials: mayBe(OF_CREDENTIALS), accessKeys: mayBe(OF_ACCESS_KEYS) };
    if (!mayBe(OF_INSTANCES)) return looked([], [], registry.records, others);
    const records: StoredRecord[] = [];
    // A record is never altered where it lies: what is written takes its place.
    for (const [id, record] of registry.records) {
      if (this.#records.get(id) === record) continue;
      this.#records.set(id, record);
      records.push(record);
    }
    const changed: Host[] = [];
    for (const host of hosts.values()) {
      const { disk, alteredAt } = host;
      const record = registry.records.get(host.lastId ?? "");
      const now = [disk, disk.operations, alteredAt, record, restored.get(record?.id ?? "")];
      const before = this.#hosts.get(host);
      if (before !== undefined && now.every((one, index) => one === before[index])) continue;
      this.#hosts.set(host, now);
      changed.push(host);
    }
    return looked(changed, records, registry.records, others);
  }
}

/** Who only reads alters nothing of them; who alters something by hand has it looked at. */
const OF_INSTANCES = /^(looks$|disk\.|registry\.(?!find|list))/;
const OF_CREDENTIALS =
  /^(looks|secrets\.(putPending|promote|dropPending|askForRotation)|credentials\.write|authority\.(alter|commit)|issuer\.(issue|revoke))$/;
const OF_ACCESS_KEYS = /^(looks|accessKeys\.(deactivate|remove)|findings\.write)$/;

async function looked(
  hosts: Host[],
  records: StoredRecord[],
  all: Map<string, StoredRecord>,
  others: Pick<Looked, "credentials" | "accessKeys">,
): Promise<Looked> {
  const held = await Promise.all(
    hosts.map(async (host) => {
      const file = await host.keyFile();
      const id = file?.id ?? (host.alteredAt === undefined ? undefined : await host.ownId());
      host.lastId = id;
      return { host, file, id };
    }),
  );
  const pairs = held.flatMap(({ host, file, id }) => {
    const record = id === undefined ? undefined : all.get(id);
    return record && !isRetired(record) ? [{ host, file, record }] : [];
  });
  return { pairs, hosts, records, ...others };
}
