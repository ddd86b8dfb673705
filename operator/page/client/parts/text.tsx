import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Tone } from "../../wire/live.ts";
import { now } from "../live.ts";
import { ago, isMoment, utc } from "../time.ts";

/** A moment: how long ago it is, and on pointing at it when it was. A dash where there is none. */
export function When({ at }: { at: number | undefined }) {
  if (!isMoment(at)) return <span class="faint">–</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={utc(at)}>
      {ago(at, now.value)}
    </time>
  );
}

/** A word in the colour of what it means. */
export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/** What somebody types, with a button that copies it; where the browser does not let it, it is marked for Ctrl-C. */
export function Command({ line }: { line: string }) {
  const [copied, setCopied] = useState(false);
  const code = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const mark = () => code.current !== null && getSelection()?.selectAllChildren(code.current);
  const copy = () => navigator.clipboard.writeText(line).then(() => setCopied(true), mark);
  return (
    <span class="command">
      <code ref={code}>{line}</code>
      <button type="button" onClick={copy} aria-label={`Copy: ${line}`}>
        {copied ? "Copied" : "Copy"}
      </button>
      <span class="unseen" role="status">
        {copied ? "Copied." : ""}
      </span>
    </span>
  );
}

/** Something that has nothing in it: what that means, in a sentence. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** Names and what they are, below each other. */
export function Labelled({ lines }: { lines: readonly (readonly [label: string, content: ComponentChildren])[] }) {
  return (
    <dl class="labelled">
      {lines.map(([label, content]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{content}</dd>
        </div>
      ))}
    </dl>
  );
}
