import { createHash } from "node:crypto";
import { healthRisk } from "../../../events/aws/health-risk.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { contract } from "./contract.ts";

/** An execution's name has 80 characters at the most; 32 of them tell it apart from all others. */
const READABLE = 40;
const DIGEST = 32;

/** Starts the execution of an event, which is there already if the event has come before. */
export async function receiveEvent(
  event: InputOf<typeof contract>,
  { executions, journal }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const name = nameOf(event);
  const outcome = await executions.start({ flow: "exposed-key", name, input: event });
  journal.info("received", { name, outcome });
  return { name };
}

/** The name of an event's execution: of its parts as people know them, and a digest, since these may be anything. */
function nameOf(event: InputOf<typeof contract>): string {
  const parts = partsOf(event);
  const readable = parts
    .join("-")
    .replace(/[^A-Za-z0-9_-]/g, "_")
    .slice(0, READABLE);
  return `${readable}-${createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, DIGEST)}`;
}

/** By what an event is the same one. */
function partsOf(event: InputOf<typeof contract>): string[] {
  const { source, account, id, detail } = event as Record<string, unknown>;
  const { communicationId, page = "1" } = (detail ?? {}) as Record<string, unknown>;
  // The copy in another Region has an ID of its own.
  if (source === healthRisk.source && communicationId) return [source, account, communicationId, page].map(textOf);
  // What comes without an ID was made by hand, and is what it says.
  return [textOf(source ?? "event"), typeof id === "string" && id !== "" ? id : JSON.stringify(event)];
}

/** An object may have a `toString` of its own, or be like others as a text. */
function textOf(part: unknown): string {
  return typeof part === "object" ? JSON.stringify(part) : String(part);
}
