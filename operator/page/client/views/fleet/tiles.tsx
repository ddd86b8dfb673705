import type { InstanceRow } from "../../../wire/live.ts";
import { beats, freshMs, now } from "../../live.ts";
import { to } from "../../route.ts";
import { brightness } from "./beat.ts";

/** A tile an instance; its heart is as bright as its newest sample is young, and beats with each. */
export function Tiles({ rows }: { rows: readonly InstanceRow[] }) {
  return (
    <ul class="tiles">
      {rows.map((row) => (
        <Tile key={row.id} row={row} />
      ))}
    </ul>
  );
}

function Tile({ row: { id, tone, verdict, status, words } }: { row: InstanceRow }) {
  const newest = beats.value[id];
  const bright = brightness(newest, now.value, freshMs.value);
  return (
    <li>
      <a class={`tile ${tone}`} href={to("instance", id)}>
        <span class="heart" key={newest} style={{ opacity: 0.12 + 0.88 * bright }} />
        <span class="id">{id}</span>
        <span class="says">{words[0] ?? (status === "ACTIVE" ? (verdict ?? "not judged") : status)}</span>
      </a>
    </li>
  );
}
