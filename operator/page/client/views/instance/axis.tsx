import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { LifeDocument } from "../../../wire/life.ts";
import { now } from "../../live.ts";
import { utc } from "../../time.ts";
import { GENERATION_COLOURS } from "./draw.ts";
import { Legend } from "./legend.tsx";
import { barsOf, marksOf } from "./marks.ts";
import { type Drawing, Picture } from "./picture.ts";
import { saidAt } from "./pointed.ts";
import { rowsOf } from "./rows.ts";
import { useSamples } from "./use-samples.ts";
import { drawnOver, moved, type Shown, SPANS, spanOf, wholeLife, zoomed } from "./windows.ts";

/** So near to something one points at it, in pixels of a picture of the usual width. */
const NEAR = 6 / 900;

/** One axis of time with everything that happened to a subject; what is on it stands in the table below, too. */
export function Axis({ document: life }: { document: LifeDocument }) {
  const { instance } = life;
  const [shown, setShown] = useState<Shown>(() => firstShown(life));
  const pointed = useSignal<number | undefined>(undefined);
  const sampled = useSamples({ id: instance?.id, host: instance?.ec2InstanceId }, shown).value;
  const marks = useMemo(() => marksOf(life.life), [life]);
  const bars = useMemo(() => barsOf(life.findings), [life]);
  const rows = useMemo(
    () => rowsOf(sampled.read?.samples ?? [], { turns: life.turns, generation: instance?.generation }),
    [sampled.read, life],
  );
  const span = spanOf(shown, now.value);
  const whole = () => setShown(wholeLife(beginningOf(life), now.peek()));
  const drawing: Drawing = { ...{ marks, bars, rows, span }, hasSamples: instance !== undefined };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const acts: Record<string, () => void> = {
      ArrowLeft: () => setShown(moved(shown, -0.25, now.peek())),
      ArrowRight: () => setShown(moved(shown, 0.25, now.peek())),
      "+": () => setShown(zoomed(shown, 0.5)),
      "-": () => setShown(zoomed(shown, 2)),
      Home: whole,
      End: () => setShown({ spanMs: shown.spanMs }),
    };
    const act = Object.hasOwn(acts, event.key) ? acts[event.key] : undefined;
    if (act === undefined) return;
    event.preventDefault();
    act();
  };

  const cut = sampled.read?.isCut ? sampled.read.samples[0]?.at : undefined;
  return (
    <section class="card life" aria-label="Time axis">
      <Controls shown={shown} set={setShown} whole={whole} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved and zoomed by keys, as the sentence below says */}
      <figure class="picture" tabIndex={0} onKeyDown={onKeyDown} aria-label={said(life, drawing)}>
        <Canvas
          drawing={drawing}
          onDrawnOver={(over) => setShown(drawnOver(over, now.peek()))}
          onPointed={(at) => {
            pointed.value = at;
          }}
        />
      </figure>
      <p class="readout">
        {pointed.value === undefined
          ? `${utc(span.from)} to ${shown.to === undefined ? "now" : utc(span.to)}. Drag to zoom; keys: ← → + − Home End.`
          : saidAt(drawing, pointed.value, (span.to - span.from) * NEAR)}
      </p>
      {sampled.error !== undefined && (
        <p class="banner warn" role="alert">
          The samples cannot be read: {sampled.error}
        </p>
      )}
      {cut !== undefined && (
        <p class="faint">Only the newest samples are shown here, from {utc(cut)} on: zoom in for more.</p>
      )}
      {drawing.hasSamples && <Legend rows={rows} span={span} colours={GENERATION_COLOURS} />}
    </section>
  );
}

/** Of what has samples the last minutes; of all else all that there is. */
function firstShown(life: LifeDocument): Shown {
  const writes = life.instance !== undefined && life.instance.status !== "RETIRED";
  return writes ? { spanMs: SPANS[0][1] } : wholeLife(beginningOf(life), now.peek());
}

/** When the first thing was that is known of it. */
function beginningOf({ life, findings, readAt }: LifeDocument): number {
  return Math.min(
    readAt,
    ...[...life.map(({ at }) => at), ...findings.map(({ since }) => since)].filter((at) => at > 0),
  );
}

/** What the picture shows, for who does not see it. */
function said({ subject }: LifeDocument, { marks, bars, rows, span }: Drawing): string {
  const within = <Thing extends { at: number }>(things: readonly Thing[]) =>
    things.filter(({ at }) => at >= span.from && at <= span.to).length;
  const standing = bars.filter(({ to }) => to === undefined).length;
  return [
    `Time axis of ${subject}: ${within(marks)} acts, ${within(rows.own)} samples`,
    ...(rows.older.length > 0 ? [`${within(rows.older)} samples by an older key`] : []),
    `${standing} of ${bars.length} findings stand. Arrow keys move it, plus and minus zoom, End leads to now.`,
  ].join(", ");
}

function Controls({ shown, set, whole }: { shown: Shown; set: (shown: Shown) => void; whole: () => void }) {
  const isLive = shown.to === undefined;
  return (
    <div class="controls">
      <h2>Time axis</h2>
      <fieldset>
        <legend class="unseen">How much of it</legend>
        {SPANS.map(([title, spanMs]) => (
          <button
            key={title}
            type="button"
            aria-pressed={isLive && shown.spanMs === spanMs}
            onClick={() => set({ spanMs })}
          >
            {title}
          </button>
        ))}
        <button type="button" onClick={whole}>
          All
        </button>
      </fieldset>
      <fieldset>
        <legend class="unseen">Move and zoom</legend>
        <button type="button" aria-label="Earlier" onClick={() => set(moved(shown, -0.5, now.peek()))}>
          ←
        </button>
        <button type="button" aria-label="Later" disabled={isLive} onClick={() => set(moved(shown, 0.5, now.peek()))}>
          →
        </button>
        <button type="button" aria-label="Zoom in" onClick={() => set(zoomed(shown, 0.5))}>
          +
        </button>
        <button type="button" aria-label="Zoom out" onClick={() => set(zoomed(shown, 2))}>
          −
        </button>
        <button type="button" disabled={isLive} onClick={() => set({ spanMs: shown.spanMs })}>
          {isLive ? "Live" : "Go to now"}
        </button>
      </fieldset>
    </div>
  );
}

function Canvas({
  drawing,
  onDrawnOver,
  onPointed,
}: {
  drawing: Drawing;
  onDrawnOver: (span: { from: number; to: number }) => void;
  onPointed: (at: number | undefined) => void;
}) {
  const at = useRef<HTMLDivElement>(null);
  const picture = useRef<Picture | undefined>(undefined);
  const latest = useRef({ drawing, onDrawnOver });
  latest.current = { drawing, onDrawnOver };
  useEffect(() => {
    if (at.current === null) return undefined;
    const made = new Picture(at.current, latest.current.drawing, {
      drawnOver: (span) => latest.current.onDrawnOver(span),
      pointed: onPointed,
    });
    picture.current = made;
    const again = () => made.draw(latest.current.drawing);
    const sized = new ResizeObserver(again);
    sized.observe(at.current);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", again);
    return () => {
      sized.disconnect();
      dark.removeEventListener("change", again);
      made.destroy();
    };
  }, []);
  useEffect(() => picture.current?.draw(drawing));
  return <div ref={at} />;
}
