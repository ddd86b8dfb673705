import { useSignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { type ExecutionRow, type ExecutionsDocument, LISTED_FLOWS, STATUSES } from "../../../wire/executions.ts";
import { ask, useAsked } from "../../ask.ts";
import { where } from "../../live.ts";
import { Loaded } from "../../parts/asked.tsx";
import { Empty } from "../../parts/text.tsx";
import { to } from "../../places.ts";
import "./executions.css";
import { Executions } from "./list.tsx";
import { merged } from "./rows.ts";
import { STATUS } from "./words.ts";

/** Step Functions lists some executions a second for a whole account: there, who looks is a guest. */
const EVERY_MS = { here: 2000, aws: 15_000 };

export function View({ about }: { about: string }) {
  const [status, setStatus] = useState("");
  const path = `/api/executions?${new URLSearchParams({ flow: about, status })}`;
  return (
    <>
      <h1>Executions</h1>
      <div class="execution-filters">
        <nav aria-label="Flows">
          {["", ...LISTED_FLOWS].map((flow) => (
            <a key={flow} href={to("executions", flow)} aria-current={flow === about ? "true" : undefined}>
              {flow === "" ? "All flows" : flow}
            </a>
          ))}
        </nav>
        <label>
          Status{" "}
          <select value={status} onChange={({ currentTarget }) => setStatus(currentTarget.value)}>
            <option value="">any</option>
            {STATUSES.map((one) => (
              <option key={one} value={one}>
                {STATUS[one].word}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Listed key={path} path={path} flow={about} status={status} />
    </>
  );
}

interface Older {
  rows: ExecutionRow[];
  after?: string;
  error?: string;
  isAsked?: boolean;
}

function Listed({ path, flow, status }: { path: string; flow: string; status: string }) {
  const asked = useAsked<ExecutionsDocument>(path, { everyMs: EVERY_MS[where.value?.kind ?? "aws"] });
  const older = useSignal<Older | undefined>(undefined);
  const { answer } = asked.value;
  // What leaves the newest page as others come stays, once somebody has asked for what is older.
  useEffect(() => {
    const before = older.peek();
    if (answer !== undefined && before !== undefined) {
      older.value = { ...before, rows: merged(before.rows, answer.executions) };
    }
  }, [answer]);
  const more = async (first: ExecutionsDocument) => {
    const before: Older = older.peek() ?? { rows: first.executions, ...(first.after && { after: first.after }) };
    if (before.after === undefined) return;
    older.value = { ...before, isAsked: true };
    try {
      const { executions, after } = await ask<ExecutionsDocument>(`${path}&after=${encodeURIComponent(before.after)}`);
      const { rows } = older.peek() ?? before;
      older.value = { rows: merged(executions, rows), ...(after !== undefined && { after }) };
    } catch (error) {
      older.value = { ...before, error: (error as Error).message };
    }
  };
  return (
    <Loaded asked={asked.value}>
      {(document) => {
        const rows = older.value === undefined ? document.executions : merged(older.value.rows, document.executions);
        const after = older.value === undefined ? document.after : older.value.after;
        return (
          <>
            {rows.length === 0 ? (
              <Empty>{nothing(document, flow, status)}</Empty>
            ) : (
              <Executions label="Executions, the newest first" rows={rows} />
            )}
            {older.value?.error !== undefined && (
              <p class="banner bad" role="alert">
                {older.value.error}
              </p>
            )}
            {after !== undefined && (
              <p class="show-more">
                <button type="button" disabled={older.value?.isAsked === true} onClick={() => more(document)}>
                  Older
                </button>
              </p>
            )}
            <p class="faint">
              Registrations are not among them: Step Functions lists no Express executions. Their history is in the log
              group <code class="log">{document.registrationLog}</code>.
            </p>
          </>
        );
      }}
    </Loaded>
  );
}

function nothing({ flows }: ExecutionsDocument, flow: string, status: string): string {
  if (flow !== "" && !flows.includes(flow)) return `The flow ${flow} is not deployed here.`;
  const which = flow === "" ? "" : ` of ${flow}`;
  if (status !== "") return `No execution${which} has this status. Choose any to see them all.`;
  return `There is no execution${which} yet: each is listed here from the moment it starts, for 90 days.`;
}
