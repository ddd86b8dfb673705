import type { InstanceRecord } from "../record/record.ts";
import { utc } from "./time.ts";

/** When the key of an instance is tried again, as its record stands: runs leave out who is stopped or in quarantine. */
export function nextTry({ status, dueAt }: Pick<InstanceRecord, "status" | "dueAt">): string {
  if (status === "STOPPED") return "when its host runs again";
  if (status === "QUARANTINED") return "none while it is in quarantine";
  return `from ${utc(dueAt)} on`;
}
