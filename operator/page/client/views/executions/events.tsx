import type { EventRow } from "../../../wire/executions.ts";
import { Folded } from "../../parts/folded.tsx";
import { More } from "../../parts/more.tsx";
import { Table } from "../../parts/table.tsx";
import { clock, utc } from "../../time.ts";

const COLUMNS = [{ title: "Number", isNumber: true }, { title: "Time (UTC)" }, { title: "Event" }, { title: "State" }];

/** The events of the history, as AWS numbers them. */
export function Events({ events }: { events: readonly EventRow[] }) {
  return (
    <More rows={events} what="more events">
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
                  <Folded key="details" summary={type}>
                    {() => (
                      <>
                        <pre>{details.text}</pre>
                        {details.cutOf !== undefined && <p class="faint">Cut: it has {details.cutOf} characters.</p>}
                      </>
                    )}
                  </Folded>
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
