import type { Step } from "../../../wire/executions.ts";
import { More } from "../../parts/more.tsx";
import { Table } from "../../parts/table.tsx";
import { Badge, Empty } from "../../parts/text.tsx";
import { to } from "../../places.ts";
import { clock, utc } from "../../time.ts";
import { type Bar, barsOf } from "./bars.ts";
import { OUTCOME, took } from "./words.ts";

const COLUMNS = [
  { title: "State" },
  { title: "Over time", isSpare: true },
  { title: "Took", isNumber: true },
  { title: "Outcome" },
  { title: "Entered (UTC)", isSpare: true },
];

/** The steps in the order in which they began, each with a bar for when it was under way. */
export function Steps({ steps, startedAt, until }: { steps: readonly Step[]; startedAt: number; until: number }) {
  if (steps.length === 0) return <Empty>No state was entered yet: the steps are listed here as they begin.</Empty>;
  const bars = barsOf(steps, startedAt, until);
  const rows = steps.map((step, at) => ({ step, bar: bars[at] ?? { from: 0, width: 0 } }));
  return (
    <More rows={rows} what="more steps">
      {(shown) => (
        <div class="execution-steps">
          <Table
            label="Steps"
            columns={COLUMNS}
            rows={shown.map(({ step, bar }) => ({
              key: String(step.event),
              isBad: OUTCOME[step.outcome].tone === "bad",
              cells: cellsOf(step, bar, until),
            }))}
          />
        </div>
      )}
    </More>
  );
}

function cellsOf(step: Step, { from, width }: Bar, until: number) {
  const { state, depth, within, enteredAt, exitedAt, outcome, attempts, error, cause, started } = step;
  const { word, tone } = OUTCOME[outcome];
  return [
    <span key="state" class="execution-step" style={{ paddingLeft: `${depth * 14}px` }}>
      {state}
      {within !== undefined && <span class="faint"> in {within}</span>}
      {error !== undefined && (
        <span class="error">
          {outcome === "done" && "At first it failed: "}
          {cause ? `${error}: ${cause}` : error}
        </span>
      )}
      {started !== undefined && (
        <a class="error" href={to("execution", started)}>
          The execution that it started
        </a>
      )}
    </span>,
    <span key="bar" class="execution-track" aria-hidden="true">
      <span class={`execution-bar ${tone}`} style={{ left: `${from}%`, width: `${width}%` }} />
    </span>,
    took((exitedAt ?? until) - enteredAt),
    <span key="outcome">
      <Badge tone={tone}>{word}</Badge>
      {attempts > 1 && <span class="execution-tries">{attempts} tries</span>}
    </span>,
    <time key="entered" dateTime={new Date(enteredAt).toISOString()} title={utc(enteredAt)}>
      {clock(enteredAt)}
    </time>,
  ];
}
