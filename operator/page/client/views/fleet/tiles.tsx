import { computed, useComputed } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import type { InstanceRow } from "../../../wire/live.ts";
import { beats, freshMs, now } from "../../live.ts";
import { to } from "../../places.ts";
import { span } from "../../time.ts";
import { brightness, silentMs } from "./beat.ts";
import { moved } from "./moves.ts";
import { wordOf } from "./words.ts";

/** More than so many are drawn smaller. */
const MANY = 100;

/**
 * A tile an instance; its heart is as bright as its newest sample is young, and beats with each. All of them are one stop of the
 * Tab key: between them, one moves by arrows.
 */
export function Tiles({ rows }: { rows: readonly InstanceRow[] }) {
  const list = useRef<HTMLUListElement>(null);
  const [current, setCurrent] = useState("");
  const stop = rows.some(({ id }) => id === current) ? current : rows[0]?.id;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const tiles = [...(list.current?.querySelectorAll("a") ?? [])];
    const next = moved(event.key, tiles.indexOf(event.target as HTMLAnchorElement), {
      count: tiles.length,
      columns: columnsOf(tiles),
    });
    if (next === undefined) return;
    event.preventDefault();
    tiles[next]?.focus();
  };
  return (
    <ul
      ref={list}
      class={`tiles ${rows.length > MANY ? "many" : ""}`}
      aria-label="Instances, the worst first; arrow keys move between them"
      onKeyDown={onKeyDown}
      onFocusIn={({ target }) => setCurrent((target as HTMLElement).dataset.id ?? "")}
    >
      {rows.map((row) => (
        <Tile key={row.id} row={row} isStop={row.id === stop} />
      ))}
    </ul>
  );
}

/** How many stand beside each other in the first row. */
function columnsOf(tiles: readonly HTMLElement[]): number {
  const top = tiles[0]?.getBoundingClientRect().top;
  const beyond = tiles.findIndex((tile) => tile.getBoundingClientRect().top !== top);
  return beyond === -1 ? tiles.length : beyond;
}

function Tile({ row, isStop }: { row: InstanceRow; isStop: boolean }) {
  const { id, tone, words } = row;
  return (
    <li>
      <a class={`tile ${tone}`} href={to("instance", id)} tabIndex={isStop ? 0 : -1} data-id={id}>
        <Heart id={id} />
        <span class="id">{id}</span>
        {row.status === "ACTIVE" && <Silence id={id} />}
        <span class="says">{words.length > 1 ? `${words[0]} +${words.length - 1}` : (words[0] ?? wordOf(row))}</span>
      </a>
    </li>
  );
}

/** It is drawn anew only with a sample, or where its brightness is another: not with each second. */
function Heart({ id }: { id: string }) {
  const newest = useComputed(() => beats.value[id]);
  const bright = useComputed(() => brightness(newest.value, now.value, freshMs.value));
  const first = useRef(newest.value);
  return (
    <span class="heart">
      <span
        key={newest.value}
        class={newest.value === first.current ? "" : "beats"}
        style={{ "--bright": bright.value }}
      />
    </span>
  );
}

/** Before the first look for samples, it is not known who is silent. */
const isAnyHeard = computed(() => Object.keys(beats.value).length > 0);

/** What a dark heart means, in words. */
function Silence({ id }: { id: string }) {
  const said = useComputed(() => {
    if (!isAnyHeard.value) return "";
    const ms = silentMs(beats.value[id], now.value, freshMs.value);
    return ms === undefined ? "" : Number.isFinite(ms) ? span(ms) : `> ${span(2 * freshMs.value)}`;
  });
  if (said.value === "") return null;
  return (
    <span class="silent" title={`No sample for ${said.value}`}>
      <span class="unseen">silent for </span>
      {said.value}
    </span>
  );
}
