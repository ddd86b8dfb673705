/** What the document of an act has in it, as far as the page shows it: see operator/acts/results.ts and commands/check.ts. */
export interface ActDocument {
  act: string;
  /** ARN of a run over several. */
  execution?: string;
  results?: { subject: string; outcome: string; said: string; execution?: string }[];
  /** Of a check. */
  instances?: { id: string; verdict: string }[];
  checked?: number;
  sound?: number;
}

/** What came of an act, as a sentence; and the execution that did it. */
export interface ActSaid {
  words: string;
  isBad: boolean;
  execution?: string;
}

const GOOD = ["ROTATED", "SUPERSEDED", "QUARANTINED", "RELEASED", "NOT_QUARANTINED", "STARTED", "DONE"];

export function saidOf({ results = [], instances = [], checked = 0, sound = 0, execution }: ActDocument): ActSaid {
  const [first] = results;
  if (first !== undefined) {
    const { outcome, said, execution: its } = first;
    return {
      words: [`${outcome}.`, said].filter(Boolean).join(" "),
      isBad: !GOOD.includes(outcome),
      ...(its !== undefined && its !== "" && { execution: its }),
    };
  }
  const found = instances.map(({ id, verdict }) => `${id}: ${verdict}`).join(", ");
  const isSound = checked > 0 && sound === checked;
  const words = checked === 0 ? "It was not checked: it is retired, in quarantine or stopped." : `Checked: ${found}.`;
  return { words, isBad: !isSound, ...(execution !== undefined && { execution }) };
}

export type ActName = "rotate" | "check" | "quarantine" | "release";

/** Which acts make sense of an instance with this status. */
export function actsFor(status: string): ActName[] {
  if (status === "RETIRED") return [];
  if (status === "QUARANTINED") return ["release", "check"];
  return ["rotate", "check", "quarantine"];
}
