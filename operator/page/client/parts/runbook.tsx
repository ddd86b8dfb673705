import type { RunbookDocument } from "../../wire/runbook.ts";
import { useAsked } from "../ask.ts";
import { Loaded } from "./asked.tsx";
import { Folded } from "./folded.tsx";
import { blocksOf } from "./markdown.ts";
import { Prose } from "./prose.tsx";

/** A section of the runbook, to be read where one is told of it. */
export function Runbook({ section }: { section: string }) {
  return <Folded summary={`docs/runbook.md, section ${section}`}>{() => <Section section={section} />}</Folded>;
}

function Section({ section }: { section: string }) {
  const asked = useAsked<RunbookDocument>(`/api/runbook/${encodeURIComponent(section)}`);
  return (
    <Loaded asked={asked.value}>
      {({ text }) => (
        <div class="runbook">
          {blocksOf(text).map(({ is, text: of }, at) =>
            is === "lines" ? (
              <pre key={at}>{of}</pre>
            ) : (
              <p key={at}>
                <Prose text={of} />
              </p>
            ),
          )}
        </div>
      )}
    </Loaded>
  );
}
