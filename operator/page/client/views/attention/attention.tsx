import { readAt, standing } from "../../live.ts";
import { keyOf } from "../../news.ts";
import { FindingCard } from "../../parts/finding.tsx";
import { Empty, When } from "../../parts/text.tsx";
import "./attention.css";

/** What stands, the oldest first: what it is, what it means and what to do. */
export function View() {
  const { value: rows } = standing;
  return (
    <>
      <h1>Attention</h1>
      {readAt.value === undefined ? (
        <Empty>Reading…</Empty>
      ) : rows.length === 0 ? (
        <Calm />
      ) : (
        <>
          <p>
            {rows.length === 1 ? "One finding stands" : `${rows.length} findings stand, the oldest first`}. Most end by
            themselves, once what was wrong was seen to be right again; what nobody can see to be right, such as an
            impostor or an exposed key, a day after it was found last.
          </p>
          {rows.map((row) => (
            <FindingCard key={keyOf(row)} row={row} />
          ))}
        </>
      )}
    </>
  );
}

function Calm() {
  return (
    <section class="card calm">
      <h2>Nothing stands</h2>
      <p>
        No instance, no credential and no access key needs you. If something comes up, you get a mail, and it stands
        here.
      </p>
      <p class="faint">
        Read <When at={readAt.value} />.
      </p>
    </section>
  );
}
