import type { ExecutionDocument, ExecutionFailure } from "../../../wire/executions.ts";
import { standing } from "../../live.ts";
import { to } from "../../places.ts";

/** Why it ended as nobody wants it to, before all else; and what people were told of that, where it stands. */
export function Failure({
  execution: { arn, id, secret },
  failure,
}: {
  execution: ExecutionDocument;
  failure: ExecutionFailure;
}) {
  const { error, cause, state, because } = failure;
  const told = standing.value.filter((row) => row.execution === arn);
  const about = standing.value.filter(({ subject }) => subject === id || subject === secret);
  const stands = told.length > 0 ? told : about;
  return (
    <section class="banner bad execution-failure" aria-label="Why it failed">
      <p>
        <strong>{error}</strong>
        {state !== undefined && (
          <>
            {" "}
            in <strong>{state}</strong>
          </>
        )}
      </p>
      {cause !== "" && <p>{cause}</p>}
      {because !== undefined && <p>{because}</p>}
      {stands.map(({ subject, cause: of, title }) => (
        <p key={`${subject} ${of}`}>
          {told.length > 0 ? "People were told, and it stands: " : "Of the same, there stands: "}
          <a href={to("attention")}>{title}</a>
        </p>
      ))}
      {stands.length === 0 && (id !== undefined || secret !== undefined) && (
        <p>Nothing stands about {id ?? secret} now.</p>
      )}
    </section>
  );
}
