import { credentials, readAt } from "../../live.ts";
import { Empty } from "../../parts/text.tsx";
import { to } from "../../places.ts";
import { Card } from "./card.tsx";
import "./credentials.css";

const ORDER = { bad: 0, warn: 1, quiet: 2, good: 2 };

/** The credentials that several share: whose login is in force, and who has moved to it. */
export function View({ about }: { about: string }) {
  const all = credentials.value.toSorted((one, other) => ORDER[one.tone] - ORDER[other.tone]);
  const shown = about === "" ? all : all.filter(({ name }) => name === about);
  return (
    <>
      <h1>Credentials</h1>
      {about !== "" && (
        <p>
          <a href={to("credentials")}>All credentials</a>
        </p>
      )}
      {readAt.value === undefined ? (
        <Empty>Reading…</Empty>
      ) : shown.length > 0 ? (
        shown.map((row) => <Card key={row.name} row={row} />)
      ) : about === "" ? (
        <None />
      ) : (
        <Empty>
          Nothing is known of a credential called {about}: it is not set, or it was neither turned nor looked at yet.
        </Empty>
      )}
    </>
  );
}

function None() {
  return (
    <Empty>
      No credential is known. One is a database's login or an API's token that several applications share; Keyturn turns
      it without one of them being refused. It is set under <code>credentials</code> in the settings, as
      docs/credentials.md says, and stands here once it was turned or looked at.
    </Empty>
  );
}
