import type { CredentialRecord } from "../credential/record.ts";
import type { Credentials } from "./credentials.ts";

/** What is remembered of credentials, in memory. */
export function fakeCredentials(): Credentials & { records: Map<string, CredentialRecord> } {
  const records = new Map<string, CredentialRecord>();
  return {
    records,
    find: async (name) => structuredClone(records.get(name)),
    async write(record, before) {
      if (records.get(record.name)?.version !== before?.version) return undefined;
      const written = { ...structuredClone(record), version: (before?.version ?? 0) + 1 };
      records.set(record.name, written);
      return structuredClone(written);
    },
  };
}
