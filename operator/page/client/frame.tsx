import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { connection, now, readAt, standing, trouble, where } from "./live.ts";
import { newsOf, pageTitle } from "./news.ts";
import { to } from "./places.ts";
import { place } from "./route.ts";
import { Shown } from "./shown.tsx";
import { ago, clock } from "./time.ts";
import { VIEWS } from "./views.ts";

/** The page: what there is to look at, how it stands with the server, and the view that one is in. */
export function Frame() {
  const views = VIEWS.filter(
    ({ only }) => only === undefined || (only === "here" ? where.value?.kind === "here" : where.value?.acts),
  );
  const { view: asked, about } = place.value;
  const known = views.find(({ name }) => name === asked);
  const view = known ?? views[0];
  const isKnown = connection.value === "live" && readAt.value !== undefined && trouble.value === null;
  const stand = isKnown ? standing.value.length : undefined;
  const title = pageTitle(view?.title ?? view?.name ?? "", known === undefined ? "" : about, stand);
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <>
      <button type="button" class="skip" onClick={toContent}>
        To the content
      </button>
      <header>
        <a class="name" href={to("fleet")}>
          <img src="/icon.svg" alt="" width="22" height="22" />
          Keyturn
        </a>
        <nav aria-label="Views">
          {views.map((one) =>
            one.title === undefined ? null : (
              <a
                key={one.name}
                href={to(one.name)}
                aria-current={one === view ? "page" : one.name === view?.under ? "true" : undefined}
              >
                {one.title}
                {one.name === "attention" && <Count />}
              </a>
            ),
          )}
        </nav>
        <State />
      </header>
      <News />
      <main id="content" tabIndex={-1}>
        <Banner />
        {connection.value === "shut" ? <Shut /> : view && <Shown key={view.name} view={view} about={about} />}
      </main>
    </>
  );
}

function toContent(): void {
  document.getElementById("content")?.focus();
}

/** How many findings stand. */
function Count() {
  const { length } = standing.value;
  if (length === 0) return null;
  return (
    <span class="count">
      {length}
      <span class="unseen"> {length === 1 ? "stands" : "stand"}</span>
    </span>
  );
}

const SAID = {
  opening: "Connecting…",
  live: "Live",
  lost: "Not connected",
  shut: "Not let in",
  resting: "Resting",
};
/** What was read longer ago than this is said to be: a read of a large fleet may take some seconds. */
const OLD_MS = 20_000;

function State() {
  const { value } = connection;
  const isFailing = value === "live" && trouble.value !== null;
  return (
    <p class="state">
      <span class={`dot ${isFailing ? "lost" : value}`} aria-hidden="true" />
      <span>{isFailing ? "Cannot read" : SAID[value]}</span>
      {value === "live" && <Old />}
      {where.value !== undefined && <span class="faint">{where.value.said}</span>}
    </p>
  );
}

function Old() {
  const at = readAt.value;
  return at === undefined || now.value - at < OLD_MS ? null : <span>read {ago(at, now.value)}</span>;
}

/** Says what has come to stand, and what is over, to whoever listens rather than looks. */
function News() {
  const [said, say] = useState("");
  const before = useRef(standing.peek());
  const isFirst = useRef(true);
  useSignalEffect(() => {
    const after = standing.value;
    // What stood when the page was opened, its views say.
    const news = isFirst.current ? "" : newsOf(before.current, after);
    isFirst.current &&= readAt.value === undefined;
    before.current = after;
    if (news !== "") say(news);
  });
  return (
    <p class="unseen" role="status">
      {said}
    </p>
  );
}

/** What is wrong with what is shown. Nothing in it ticks: it would be read out each time. */
function Banner() {
  const read = readAt.value === undefined ? "" : ` What is shown was read at ${clock(readAt.value)} UTC.`;
  if (connection.value === "lost") {
    return (
      <p class="banner bad" role="alert">
        The server of this page does not answer; it is tried again each second.{read} If it was ended, start it again:{" "}
        <code>npm start</code> or <code>npx keyturn open</code>.
      </p>
    );
  }
  const { value } = trouble;
  if (value === null || connection.value !== "live") return null;
  return (
    <p class="banner bad" role="alert">
      {value.message} So it is since {clock(value.since)} UTC, and it is tried again and again.{read}
    </p>
  );
}

function Shut() {
  return (
    <section class="card">
      <h1>Who are you?</h1>
      <p>
        This page opens by the address that <code>npm start</code> or <code>keyturn open</code> has printed, with the
        token behind its <code>#</code>. A new <code>keyturn open</code> has a new one. Open that address, or paste it
        above, where this page's address stands.
      </p>
    </section>
  );
}
