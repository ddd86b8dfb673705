import { useState } from "preact/hooks";
import type { AuditDocument } from "../../../wire/audit.ts";
import { useAsked } from "../../ask.ts";
import { Loaded } from "../../parts/asked.tsx";
import { to } from "../../places.ts";
import { Ask } from "./ask-for.tsx";
import { Checked } from "./checked.tsx";
import { sealsIn } from "./say.ts";
import "./audit.css";

/** The audit lines of a subject, and whether they are as they were put. */
export function View({ about }: { about: string }) {
  const [seals, setSeals] = useState("");
  const [round, setRound] = useState(0);
  const askFor = (subject: string, digests: string) => {
    setSeals(digests);
    setRound(round + 1);
    location.hash = to("audit", subject);
  };
  return (
    <>
      <h1>Audit</h1>
      <Ask about={about} onAsk={askFor} />
      {about === "" ? <Nothing /> : <Subject subject={about} seals={seals} round={round} />}
    </>
  );
}

function Nothing() {
  return (
    <section class="card">
      <p>
        Each registration, turn, failure, rekey, quarantine, release and retirement is a line. The lines of a subject
        are a chain, and once a day a seal is put over all chains: what somebody alters later, a check finds.
      </p>
      <p>
        Name a subject to see its lines. For all subjects of a time, type <code>npx keyturn report</code>.
      </p>
    </section>
  );
}

function Subject({ subject, seals, round }: { subject: string; seals: string; round: number }) {
  const query = new URLSearchParams(sealsIn(seals).map((seal) => ["seal", seal]));
  const path = `/api/audit/${encodeURIComponent(subject)}${query.size === 0 ? "" : `?${query}`}`;
  const asked = useAsked<AuditDocument>(path, { again: round });
  return <Loaded asked={asked.value}>{(audit) => <Checked audit={audit} />}</Loaded>;
}
