import type { Registry } from "../clients/registry.ts";
import type { StoredRecord } from "../record/record.ts";
import { StepError } from "../shared/errors.ts";

/**
 * Reads the record that somebody means.
 *
 * @throws StepError UnknownId, with a sentence for whoever asked
 */
export async function findMeant(registry: Registry, id: string): Promise<StoredRecord> {
  const record = await registry.find(id);
  if (record !== undefined) return record;
  throw new StepError("UnknownId", `No instance is registered under ${id}, so nothing was done. Look at the ID.`);
}
