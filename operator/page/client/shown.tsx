import type { ComponentType } from "preact";
import { useEffect, useErrorBoundary, useRef, useState } from "preact/hooks";
import type { View } from "./views.ts";

/** A view, once it is loaded. */
export function Shown({ view, about }: { view: View; about: string }) {
  const [loaded, setLoaded] = useState<{ View?: ComponentType<{ about: string }>; failed?: true }>({});
  const [broken, tryAgain] = useErrorBoundary();
  const shown = useRef(about);
  useEffect(() => {
    view.load().then(setLoaded, () => setLoaded({ failed: true }));
  }, [view]);
  useEffect(() => {
    // What broke it, of one subject, need not break it of the next.
    if (shown.current !== about) tryAgain();
    shown.current = about;
  }, [about]);
  useHeadingFocused(loaded.View !== undefined);
  if (broken !== undefined || loaded.failed) {
    return (
      <section class="card" role="alert">
        <h1>{broken === undefined ? "This view cannot be loaded" : "This view is broken"}</h1>
        <p>
          {broken === undefined
            ? "The server of this page may be another one by now."
            : `The page made a mistake: ${broken instanceof Error ? broken.message : String(broken)}`}
        </p>
        <button type="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </section>
    );
  }
  return loaded.View === undefined ? null : <loaded.View about={about} />;
}

/** What the heading said that somebody was led to last; of all views, since each is drawn anew. */
let headed: string | undefined;

/**
 * Whoever goes to another view is led to its heading, so that a screen reader says where one is and Tab goes on from there.
 * Who chooses within one, and so stays under the same heading, stays where they are.
 */
function useHeadingFocused(isDrawn: boolean): void {
  useEffect(() => {
    const heading = document.querySelector<HTMLElement>("main h1");
    const says = heading?.textContent ?? "";
    if (!isDrawn || heading === null || says === headed) return;
    const isFirst = headed === undefined;
    headed = says;
    // A heading that says more once its view has read it must not take away whoever is at work below it by then.
    if (isFirst || isAtWorkBelow(heading)) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  });
}

function isAtWorkBelow(heading: HTMLElement): boolean {
  const { activeElement } = document;
  return activeElement !== null && activeElement !== heading && activeElement.closest("main > *") !== null;
}
