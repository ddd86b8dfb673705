import { useEffect, useRef } from "preact/hooks";
import type { ExpectationRow, RunRow } from "../../../wire/plays.ts";
import { Badge, Command, When } from "../../parts/text.tsx";
import { to } from "../../places.ts";
import { type Progress, progressOf, stateOf, wordsOf } from "./progress.ts";

const SIGNS: Record<Progress, string> = { done: "✓", waits: "…", late: "!", yours: "→", later: "·" };

/** A fault that was played: what is to happen, and by when; then that it did. */
export function Run({
  run,
  now,
  isNewest,
  mend,
}: {
  run: RunRow;
  now: number;
  /** Whether whoever looks has just played it, and is to see it wherever they are on the page. */
  isNewest: boolean;
  mend: (run: RunRow, button: string) => Promise<void>;
}) {
  const { words, tone } = stateOf(run, now);
  // Of one that broke off, nothing more is to come.
  const expected = run.expectations.filter(({ metAt }) => run.failed === undefined || metAt !== undefined);
  const shown = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isNewest) shown.current?.scrollIntoView({ block: "nearest" });
  }, [isNewest]);
  return (
    <article class="card" ref={shown}>
      <h3>
        {run.title}
        {run.id !== undefined && (
          <>
            {" on "}
            <a class="id" href={to("instance", run.id)}>
              {run.id}
            </a>
          </>
        )}
      </h3>
      <p>
        <Badge tone={tone}>{words}</Badge>{" "}
        <span class="faint">
          played <When at={run.startedAt} />
        </span>
      </p>
      {run.failed !== undefined && <p class="banner bad">{run.failed}</p>}
      <ol class="expected">
        {expected.map((row, at) => (
          // They are as many, and in this order, from the beginning.
          <Expected key={at} row={row} now={now} press={(button) => mend(run, button)} />
        ))}
      </ol>
    </article>
  );
}

function Expected({ row, now, press }: { row: ExpectationRow; now: number; press: (button: string) => void }) {
  const { says, said, links, command, button, metAt, isDue } = row;
  const progress = progressOf(row, now);
  return (
    <li class={progress}>
      <span class="sign" aria-hidden="true">
        {SIGNS[progress]}
      </span>
      <div>
        <p>
          {says} <span class="when">· {wordsOf(row, now)}</span>
        </p>
        {said !== undefined && <p class="faint">{said}</p>}
        {metAt === undefined && command !== undefined && <Command line={command} />}
        {metAt === undefined && isDue && button !== undefined && (
          <button type="button" onClick={() => press(button)}>
            {button}
          </button>
        )}
        {links.length > 0 && (
          <p class="links">
            {links.map(({ label, view, about }) => (
              <a key={label} href={to(view, about)}>
                {label}
              </a>
            ))}
          </p>
        )}
      </div>
    </li>
  );
}
