import type { ComponentChildren } from "preact";
import type { Asked } from "../ask.ts";
import { Empty } from "./text.tsx";

/** What was asked for, once it is there; what goes wrong is said above what was there before. */
export function Loaded<Answer>({
  asked,
  children,
}: {
  asked: Asked<Answer>;
  children: (answer: Answer) => ComponentChildren;
}) {
  const { answer, error, isMissing } = asked;
  return (
    <>
      {error !== undefined &&
        (isMissing ? (
          <Empty>{error}</Empty>
        ) : (
          <p class="banner bad" role="alert">
            {error}
          </p>
        ))}
      {answer === undefined ? error === undefined && <Empty>Reading…</Empty> : children(answer)}
    </>
  );
}
