import { useSignal } from "@preact/signals";
import type { PlayRow, PlaysDocument, RunRow } from "../../../wire/plays.ts";
import { ask, useAsked } from "../../ask.ts";
import { now } from "../../live.ts";
import { Loaded } from "../../parts/asked.tsx";
import { Prose } from "../../parts/prose.tsx";
import { Empty } from "../../parts/text.tsx";
import { Run } from "./run.tsx";
import "./play.css";

const EVERY_MS = 1000;

/** Faults that can be played here, and what comes of those that were. */
export function View() {
  const again = useSignal(0);
  const asked = useAsked<PlaysDocument>("/here/plays", { everyMs: EVERY_MS, again: again.value });
  const chosen = useSignal("");
  const newest = useSignal(0);
  const said = useSignal<{ words: string; isBad?: boolean }>({ words: "" });
  const does = async (path: string, body: object, words: (run: RunRow) => string) => {
    try {
      const run = await ask<RunRow>(path, { body });
      said.value = { words: words(run) };
      newest.value = run.number;
    } catch (error) {
      said.value = { words: (error as Error).message, isBad: true };
    }
    again.value += 1;
  };
  const play = (row: PlayRow, id: string | undefined) =>
    does(`/here/plays/${row.name}`, id === undefined ? {} : { id }, (run) => `${run.title}: played${onWhom(run)}.`);
  const mend = (run: RunRow, button: string) =>
    does(`/here/runs/${run.number}/mend`, {}, () => `${button}: done${onWhom(run)}.`);
  return (
    <>
      <h1>Play</h1>
      <p>
        Faults to play with, for real: on the agents, the database and the AWS of this computer. After each stands what
        is to happen and by when, and then that it did. Each can be mended, and played again.
      </p>
      <p
        role="status"
        class={said.value.words === "" ? "unseen" : `played banner ${said.value.isBad ? "bad" : "good"}`}
      >
        {said.value.words}
      </p>
      <Loaded asked={asked.value}>
        {({ plays, runs, at }) => (
          <div class="play">
            <section aria-labelledby="faults">
              <h2 id="faults">Faults</h2>
              <Whom plays={plays} chosen={chosen.value} choose={(id) => (chosen.value = id)} />
              <ul class="faults">
                {plays.map((row) => (
                  <Fault key={row.name} row={row} id={chosen.value} play={play} />
                ))}
              </ul>
            </section>
            <section aria-labelledby="runs">
              <h2 id="runs">What came of it</h2>
              {runs.length === 0 && (
                <Empty>Nothing was played yet. Press one of the buttons: what is to come of it stands here then.</Empty>
              )}
              {runs.map((run) => (
                <Run
                  key={`${run.number} ${run.startedAt}`}
                  run={run}
                  now={Math.max(at, now.value)}
                  isNewest={run.number === newest.value}
                  mend={mend}
                />
              ))}
            </section>
          </div>
        )}
      </Loaded>
    </>
  );
}

const onWhom = ({ id }: RunRow) => (id === undefined ? "" : ` on ${id}`);

/** On whom: left alone, each fault takes the first with whom all is well. */
function Whom({ plays, chosen, choose }: { plays: readonly PlayRow[]; chosen: string; choose: (id: string) => void }) {
  const ids = [...new Set(plays.flatMap(({ on = [] }) => on))].sort();
  const shown = chosen === "" || ids.includes(chosen) ? ids : [...ids, chosen];
  return (
    <label class="whom">
      On which instance{" "}
      <select value={chosen} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        <option value="">the first that is well</option>
        {shown.map((id) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
      </select>
    </label>
  );
}

function Fault({
  row,
  id,
  play,
}: {
  row: PlayRow;
  id: string;
  play: (row: PlayRow, id: string | undefined) => Promise<void>;
}) {
  const busy = useSignal(false);
  const { name, title, does, on, cannot } = row;
  const isOnAnother = cannot === undefined && on !== undefined && id !== "" && !on.includes(id);
  const why = cannot ?? (isOnAnother ? `Not on ${id} just now: it is not well, or part of another play.` : undefined);
  const press = async () => {
    if (busy.value) return;
    busy.value = true;
    await play(row, on === undefined || id === "" ? undefined : id);
    busy.value = false;
  };
  return (
    <li class="card">
      <h3 id={`play-${name}`}>{title}</h3>
      <p>
        <Prose text={does} />
      </p>
      {why !== undefined && <p class="faint">{why}</p>}
      <button
        type="button"
        disabled={why !== undefined}
        aria-disabled={busy.value}
        onClick={press}
        aria-describedby={`play-${name}`}
      >
        {buttonOf(title, on === undefined ? "" : id || on[0] || "")}
      </button>
    </li>
  );
}

const buttonOf = (title: string, id: string) => (id === "" ? title : `${title}: ${id}`);
