import type { EventRow } from "../../../wire/executions.ts";
import { Table } from "../../parts/table.tsx";
import { clock, utc } from "../../time.ts";
import { More } from "./more.tsx";

const COLUMNS = [{ title: "Number", isNumber: true }, { title: "Time (UTC)" }, { title: "Event" }, { title: "State" }];

/** The events of the history, as AWS numbers them. */
export function Events({ events }: { events: readonly EventRow[] }) {
  return (
    <More rows={events} what="events">
      {(shown) => (
        <div class="execution-events">
          <Table
            label="Events"
            columns={COLUMNS}
            rows={shown.map(({ id, at, type, state, details }) => ({
              key: String(id),
              cells: [
                id,
                <time key="at" dateTime={new Date(at).toISOString()} title={utc(at)}>
                  {`${clock(at)}.${String(at % 1000).padStart(3, "0")}`}
                </time>,
                details === undefined ? (
                  type
                ) : (
                  <details key="details">
                    <summary>{type}</summary>
                    <pre>{details.text}</pre>
                    {details.cutOf !== undefined && <p class="faint">Cut: it has {details.cutOf} characters.</p>}
                  </details>
                ),
                state ?? "",
              ],
            }))}
          />
        </div>
      )}
    </More>
  );
}
