import { useComputed } from "@preact/signals";
import type { LifeDocument } from "../../../wire/life.ts";
import { useAsked } from "../../ask.ts";
import { credentials, instances, standing } from "../../live.ts";
import { keyOf } from "../../news.ts";
import { Loaded } from "../../parts/asked.tsx";
import { FindingCard } from "../../parts/finding.tsx";
import { Axis } from "./axis.tsx";
import { Happenings } from "./happenings.tsx";
import { Head, titleOf } from "./head.tsx";
import "./instance.css";

const EVERY_MS = 3000;

/** One subject, whichever: what it is now, what stands about it, and its whole life. */
export function View({ about }: { about: string }) {
  return <OfSubject key={about} about={about} />;
}

function OfSubject({ about }: { about: string }) {
  // What is pushed says at once that there is something new: of what changes with each turn, since each asks anew.
  const pushed = useComputed(() => {
    const { status, generation, verdict, failingSince, isRekeyed } = instances.value.get(about) ?? {};
    return JSON.stringify([
      ...[status, generation, verdict, failingSince, isRekeyed],
      standing.value.filter(({ subject }) => subject === about).map(({ cause, toldAt }) => [cause, toldAt]),
      credentials.value.find(({ name }) => name === about)?.versions,
    ]);
  });
  const path = `/api/life/${encodeURIComponent(about)}`;
  const asked = useAsked<LifeDocument>(path, { everyMs: EVERY_MS, again: pushed.value }).value;
  return (
    <div class="subject">
      <h1>{titleOf(about, asked.answer)}</h1>
      <Loaded asked={asked}>
        {(life) => (
          <>
            <Head document={life} />
            {life.stands.map((row) => (
              <FindingCard key={keyOf(row)} row={row} />
            ))}
            <Axis document={life} />
            <Happenings document={life} />
          </>
        )}
      </Loaded>
    </div>
  );
}
