import type { Registry } from "../clients/registry.ts";
import type { BehindFact } from "../findings/finding.ts";
import { type InstanceRecord, isRetired } from "../record/record.ts";
import type { Behind } from "./inputs.ts";

const PAGE = 500;

/**
 * Names the instances from which consumers were seen, by the registry: those behind an address, and those whose partition
 * holds a proof. Where two instances up claim one address, it names neither. It reads the whole registry, once, and only
 * where there is something to name.
 */
export async function nameBehind(behind: Behind[], registry: Registry): Promise<BehindFact[]> {
  const wanted = new Set(behind.flatMap(({ address, ec2InstanceId }) => ec2InstanceId ?? address ?? []));
  if (wanted.size === 0) return behind;
  const found = new Map<string, InstanceRecord | "several">();
  for await (const record of upIn(registry)) {
    for (const name of [record.ip, record.ec2InstanceId]) {
      if (wanted.has(name)) found.set(name, found.has(name) ? "several" : record);
    }
  }
  return behind.map((one) => {
    const instance = found.get(one.ec2InstanceId ?? one.address ?? "");
    if (instance === undefined || instance === "several") return one;
    return { ...one, id: instance.id, ec2InstanceId: instance.ec2InstanceId };
  });
}

/** The instances whose address may be somebody's now. */
async function* upIn(registry: Registry): AsyncGenerator<InstanceRecord> {
  let after: string | undefined;
  do {
    const page = await registry.listPage({ limit: PAGE, after });
    for (const record of page.records) if (!isRetired(record) && record.status !== "STOPPED") yield record;
    after = page.next;
  } while (after !== undefined);
}
