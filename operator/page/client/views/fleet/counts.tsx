import { to } from "../../places.ts";
import type { Count } from "./words.ts";

/** How many there are of which word: a bar for the eye, and below it the same in words, each of which chooses these. */
export function Counts({ counts, chosen }: { counts: readonly Count[]; chosen: string }) {
  return (
    <>
      <div class="bar" aria-hidden="true">
        {counts.map(({ word, count, tone }) => (
          <span key={word} class={tone} style={{ flexGrow: count }} />
        ))}
      </div>
      <ul class="counts" aria-label="How many there are of which">
        {counts.map(({ word, count, tone }) => {
          const isChosen = word.toLowerCase() === chosen.trim().toLowerCase();
          return (
            <li key={word}>
              <a
                class={`badge ${tone}`}
                href={isChosen ? to("fleet") : to("fleet", word)}
                aria-current={isChosen ? "true" : undefined}
              >
                {count.toLocaleString("en")} {word}
                {isChosen && <span class="unseen">, chosen: show all again</span>}
              </a>
            </li>
          );
        })}
      </ul>
    </>
  );
}
