import { utc } from "../../functions/telling/time.ts";
import type { AuditLine } from "../../protocol/index.ts";

/** What a line's details say: texts and numbers by name. Of what is no such text, as of a line that somebody altered, nothing. */
export function detailsOf({ details }: Pick<AuditLine, "details">): Record<string, string> {
  const fields = parsed(details);
  const entries = typeof fields === "object" && fields !== null ? Object.entries(fields) : [];
  return Object.fromEntries(
    entries.flatMap(([name, value]) =>
      ["string", "number"].includes(typeof value) ? [[name, String(value)] as const] : [],
    ),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Who and what is behind an act, which is told apart from what came of it. */
const ASKED = ["requestedBy", "trigger", "run", "execution"];
/** What a detail is called where its name alone says too little. */
const CALLED: Record<string, string> = {
  ...{ ec2InstanceId: "host", ip: "address", token: "version", versionId: "of version", receiptDigest: "proof" },
  ...{ reason: "reason:", why: "why:" },
};
/** So much of a digest tells it from others at a glance; the whole is in the document. */
const GLANCE = 12;

/** What came of an act, in one line, e.g. `generation 12, verdict MATCH, proof 0a1b2c3d4e5f`. */
export function outcomeOf(details: Record<string, string>): string {
  return Object.entries(details)
    .filter(([name]) => !ASKED.includes(name))
    .map(
      ([name, value]) =>
        `${Object.hasOwn(CALLED, name) ? CALLED[name] : name} ${name === "receiptDigest" ? value.slice(0, GLANCE) : value}`,
    )
    .join(", ");
}

/** What a line says of who asked. */
export interface Asked {
  requestedBy?: string;
  trigger?: string;
  run?: string;
}

/** Who asked for an act, as claimed, and by what, e.g. `ops@example.com by hand`, `fleet-rotation in daily-1`; undefined where nobody said. */
export function askedOf({ requestedBy, trigger, run }: Asked): string | undefined {
  const by = [requestedBy, trigger && (requestedBy === undefined ? trigger : `by ${trigger}`), run && `in ${run}`];
  return by.filter((one) => one !== undefined && one !== "").join(" ") || undefined;
}

/**
 * The same for a table, where a run that a schedule has named, in 73 characters, would take the place of everything else: so much
 * of its name tells it from others; the whole is in the document.
 */
export function askedAtAGlance(asked: string | undefined): string {
  return asked?.replace(/(?<= in )(\S{8})\S{13,}$/, "$1…") ?? "-";
}

/** When a line says that it was, as people read it; one that somebody has altered may bear what is no moment. */
export function whenOf(timeMs: number): string {
  return timeMs >= 0 && timeMs <= LAST_MOMENT ? utc(timeMs) : "?";
}

/** Of JavaScript's dates, in milliseconds since 1970. */
const LAST_MOMENT = 8.64e15;
