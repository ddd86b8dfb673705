import { colourOf } from "./draw.ts";
import { generationsOf, type Rows } from "./rows.ts";
import type { Span } from "./windows.ts";

/** Which colour is which generation, of those that are seen, and what a row beside the usual one means. */
export function Legend({ rows, span, colours }: { rows: Rows; span: Span; colours: number }) {
  const seen = [...rows.own, ...rows.older, ...rows.ahead].filter(({ at }) => at >= span.from && at <= span.to);
  const generations = generationsOf(seen);
  if (generations.length === 0) return <p class="empty">No samples in this time: none were written, or none yet.</p>;
  const more = generations.length - colours;
  return (
    <>
      <ul class="legend" aria-label="Generations of the key">
        {generations.slice(0, colours).map(([generation, count]) => (
          <li key={generation}>
            <span class="swatch" aria-hidden="true" style={{ background: `var(${colourOf(generation)})` }} />
            generation {generation} <span class="faint">×{count}</span>
          </li>
        ))}
        {more > 0 && <li class="faint">and {more} before, in the same colours again</li>}
      </ul>
      {rows.older.length > 0 && (
        <p class="banner bad">
          In this time somebody went on with an older key after a newer one had proved itself: a copy of this instance,
          or one whose disk was put back. If it goes on still, find that other host, and shut it down.
        </p>
      )}
      {rows.ahead.length > 0 && (
        <p class="banner bad">
          There are samples of a generation that its record knows nothing of: made up by somebody, or the table of
          records was put back.
        </p>
      )}
    </>
  );
}
