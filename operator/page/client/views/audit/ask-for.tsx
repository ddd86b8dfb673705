import { useEffect, useState } from "preact/hooks";
import { credentials, instances } from "../../live.ts";

/** So many names a browser proposes well; whoever has more instances knows what to type. */
const MOST_PROPOSED = 500;

/** Whose lines are meant, and by which digests from outside they are checked. */
export function Ask({ about, onAsk }: { about: string; onAsk: (subject: string, seals: string) => void }) {
  const [subject, setSubject] = useState(about);
  const [seals, setSeals] = useState("");
  useEffect(() => setSubject(about), [about]);
  const submit = (event: Event) => {
    event.preventDefault();
    if (subject.trim() !== "") onAsk(subject.trim(), seals);
  };
  return (
    <form class="audit-ask" onSubmit={submit}>
      <label>
        Subject
        <input
          type="text"
          value={subject}
          onInput={({ currentTarget }) => setSubject(currentTarget.value)}
          list="subjects"
          placeholder="an instance's ID, a secret, an access key's ID"
          autocomplete="off"
          spellcheck={false}
        />
      </label>
      <Proposed />
      <label>
        Digests from outside, if you have some
        <textarea
          rows={1}
          value={seals}
          onInput={({ currentTarget }) => setSeals(currentTarget.value)}
          placeholder="2026-11-26=digest, from a mail"
          spellcheck={false}
        />
      </label>
      <button type="submit" disabled={subject.trim() === ""}>
        {subject.trim() === about && about !== "" ? "Check again" : "Check"}
      </button>
    </form>
  );
}

function Proposed() {
  const names = [...credentials.value.map(({ name }) => name), ...[...instances.value.keys()].sort()];
  return (
    <datalist id="subjects">
      {names.slice(0, MOST_PROPOSED).map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  );
}
