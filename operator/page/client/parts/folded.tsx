import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

/** What only some want to read, behind its name; it is drawn once somebody opens it. */
export function Folded({ summary, children }: { summary: ComponentChildren; children: () => ComponentChildren }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="folded" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{summary}</summary>
      {isOpen && children()}
    </details>
  );
}
