import { useMemo, useState } from "preact/hooks";
import { type InstanceRow, MOST_TILES } from "../../../wire/live.ts";
import { instances, now, readAt, standing, worstFirst } from "../../live.ts";
import { Empty } from "../../parts/text.tsx";
import { to } from "../../places.ts";
import { stay } from "../../route.ts";
import { span } from "../../time.ts";
import { Ages } from "./ages.tsx";
import { Counts } from "./counts.tsx";
import { Legend } from "./legend.tsx";
import { WorstFirst } from "./list.tsx";
import { Tiles } from "./tiles.tsx";
import { countsOf, filterOf, inPlace } from "./words.ts";
import "./fleet.css";

/** @param about what the instances are filtered by */
export function View({ about }: { about: string }) {
  const [isAll, setAll] = useState(false);
  const known = worstFirst.value;
  const live = useMemo(() => known.filter(({ status }) => status !== "RETIRED"), [known]);
  const meant = isAll ? known : live;
  const counts = useMemo(() => countsOf(meant), [meant]);
  const shown = useMemo(() => meant.filter(filterOf(about, meant)), [meant, about]);
  const retired = known.length - live.length;
  return (
    <>
      <h1>Fleet</h1>
      <Attention />
      {readAt.value === undefined ? (
        <Empty>Reading…</Empty>
      ) : meant.length === 0 ? (
        <Empty>
          No instance has registered yet. One appears here by itself, soon after its agent has started for the first
          time.
        </Empty>
      ) : (
        <>
          <Counts counts={counts} chosen={about} />
          {live.length > MOST_TILES && <Ages rows={live} />}
        </>
      )}
      {known.length > 0 && (
        <form class="choices" onSubmit={(event) => event.preventDefault()}>
          <label>
            Find
            <input
              type="search"
              size={26}
              value={about}
              placeholder="ID, host, address or word"
              onInput={({ currentTarget }) => stay("fleet", currentTarget.value)}
            />
          </label>
          {retired > 0 && (
            <label>
              <input type="checkbox" checked={isAll} onChange={({ currentTarget }) => setAll(currentTarget.checked)} />
              Show {retired.toLocaleString("en")} retired
            </label>
          )}
          <span class="faint" role="status">
            {shown.length === meant.length
              ? `${meant.length.toLocaleString("en")} in all`
              : `${shown.length.toLocaleString("en")} of ${meant.length.toLocaleString("en")}`}
          </span>
        </form>
      )}
      <Chosen rows={shown} isOfMany={meant.length > MOST_TILES} about={meant.length === 0 ? "" : about} />
    </>
  );
}

function Chosen({ rows, isOfMany, about }: { rows: readonly InstanceRow[]; isOfMany: boolean; about: string }) {
  const placed = useMemo(() => (isOfMany ? rows : inPlace(rows)), [rows, isOfMany]);
  if (rows.length === 0) {
    return about === "" ? null : (
      <Empty>
        None of them has “{about}” in its ID, host, address or words. <a href={to("fleet")}>Show all</a>
      </Empty>
    );
  }
  if (isOfMany) return <WorstFirst rows={rows} />;
  return (
    <>
      <Tiles rows={placed} />
      <Legend />
    </>
  );
}

/** What stands, in one line. */
function Attention() {
  if (readAt.value === undefined) return null;
  const [oldest] = standing.value;
  if (oldest !== undefined) {
    const { length } = standing.value;
    return (
      <p class="banner bad">
        {length === 1 ? "One finding has stood" : `${length} findings stand, the oldest`} for{" "}
        {span(now.value - oldest.since)}: {oldest.cause} on {oldest.named}.{" "}
        <a href={to("attention")}>What it means and what to do</a>
      </p>
    );
  }
  const worried = [...instances.value.values()].filter(({ needsAttention }) => needsAttention).length;
  return worried === 0 ? (
    <p>Nothing stands: no instance and no credential needs you.</p>
  ) : (
    <p class="banner warn">
      Nobody was told of anything yet, but {worried === 1 ? "one instance is" : `${worried} instances are`} to be looked
      at: shown first below.
    </p>
  );
}
