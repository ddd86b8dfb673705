import type { StoredRecord } from "../record/record.ts";
import { eachAtOnce } from "../shared/at-once.ts";
import type { Registry } from "./registry.ts";

/** The records that there are of these, by their IDs, tombstones among them. Each is read consistently. */
export async function findEach(
  registry: Pick<Registry, "find">,
  ids: readonly string[],
): Promise<Map<string, StoredRecord>> {
  const found = new Map<string, StoredRecord>();
  await eachAtOnce([...new Set(ids)], async (id) => {
    const record = await registry.find(id);
    if (record !== undefined) found.set(id, record);
  });
  return found;
}
