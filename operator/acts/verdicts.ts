/** What a check says of an instance. */
export interface Verdict {
  id: string;
  verdict: string;
}

interface Meaning {
  is: "sound" | "wrong" | "other";
  said: string;
}

const MEANINGS: Record<string, Meaning> = {
  MATCH: { is: "sound", said: "It proves its key." },
  MATCH_PENDING: { is: "sound", said: "It proves the key that it is being turned to." },
  MISMATCH: { is: "wrong", said: "What it writes does not prove its key." },
  CONFLICT: { is: "wrong", said: "Somebody else writes as it." },
  STALE: { is: "wrong", said: "It writes no proofs any more." },
  UNREADABLE: { is: "wrong", said: "Its record, or the key in it, cannot be read." },
  WAITING: { is: "other", said: "It is up since a moment: its first proof is still to come." },
  SUPERSEDED: { is: "other", said: "Its key was turned a moment ago: its first proof is still to come." },
  NEW: {
    is: "other",
    said: "It is new beside a former record of its host, and not judged before that has fallen silent.",
  },
  STOPPED: { is: "other", said: "Its host is off: no proof is expected." },
  QUARANTINED: { is: "other", said: "It is in quarantine, and not judged." },
  RETIRED: { is: "other", said: "It is retired, and not judged." },
  UNKNOWN: { is: "other", said: "No instance is registered under this ID." },
};

/** What a verdict means; one of a later version is shown as it is. */
export function meaningOf(verdict: string): Meaning {
  return MEANINGS[verdict] ?? { is: "other", said: "" };
}
