import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { connection, readAt, standing, trouble, where } from "./live.ts";
import { When } from "./parts/text.tsx";
import { place, to } from "./route.ts";
import { clock } from "./time.ts";
import { VIEWS, type View } from "./views.ts";

/** The page: what there is to look at, how it stands with the server, and the view that one is in. */
export function Frame() {
  const views = VIEWS.filter(
    ({ only }) => only === undefined || (only === "here" ? where.value?.kind === "here" : where.value?.acts),
  );
  const view = views.find(({ name }) => name === place.value.view) ?? views[0];
  return (
    <>
      <button type="button" class="skip" onClick={toContent}>
        To the content
      </button>
      <header>
        <a class="name" href={to("fleet")}>
          Keyturn
        </a>
        <nav aria-label="Views">
          {views.map(({ name, title }) =>
            title === undefined ? null : (
              <a key={name} href={to(name)} aria-current={name === view?.name ? "page" : undefined}>
                {title}
                {name === "attention" && standing.value.length > 0 && (
                  <span class="count">{standing.value.length}</span>
                )}
              </a>
            ),
          )}
        </nav>
        <State />
      </header>
      <main id="content" tabIndex={-1}>
        <Banner />
        {connection.value === "shut" ? (
          <Shut />
        ) : (
          view && <Shown key={view.name} view={view} about={place.value.about} />
        )}
      </main>
    </>
  );
}

function toContent(): void {
  document.getElementById("content")?.focus();
}

const SAID = { opening: "Connecting…", live: "Live", lost: "Not connected", shut: "Not let in" };

function State() {
  const { value } = connection;
  return (
    <p class="state">
      <span class={`dot ${value}`} aria-hidden="true" />
      <span>{SAID[value]}</span>
      {where.value !== undefined && <span class="faint">{where.value.said}</span>}
    </p>
  );
}

/** What is wrong with what is shown. */
function Banner() {
  if (connection.value === "lost") {
    return (
      <p class="banner bad" role="alert">
        The server of this page does not answer; it is tried again each second.
        {readAt.value !== undefined && ` What is shown was read at ${clock(readAt.value)} UTC.`}
      </p>
    );
  }
  const { value } = trouble;
  if (value === null || connection.value !== "live") return null;
  return (
    <p class="banner bad" role="alert">
      {value.message} {readAt.value === undefined ? "" : "What is shown was read "}
      {readAt.value !== undefined && <When at={readAt.value} />}
    </p>
  );
}

function Shut() {
  return (
    <section class="card">
      <h1>Who are you?</h1>
      <p>
        This page opens by the address that <code>npm start</code> or <code>keyturn open</code> has printed, with the
        token behind its <code>#</code>. A new <code>keyturn open</code> has a new one.
      </p>
    </section>
  );
}

function Shown({ view, about }: { view: View; about: string }) {
  const [loaded, setLoaded] = useState<{ View?: ComponentType<{ about: string }>; failed?: true }>({});
  useEffect(() => {
    view.load().then(setLoaded, () => setLoaded({ failed: true }));
  }, [view]);
  if (loaded.failed) return <p class="empty">This part of the page cannot be loaded: reload the page.</p>;
  return loaded.View === undefined ? null : <loaded.View about={about} />;
}
