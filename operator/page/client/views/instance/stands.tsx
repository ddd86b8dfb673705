import type { LifeStanding } from "../../../wire/life.ts";
import { where } from "../../live.ts";
import { Badge, Command, Labelled, When } from "../../parts/text.tsx";
import { to } from "../../route.ts";

/** What stands about a subject, each as its mail says it. */
export function Stands({ stands }: { stands: readonly LifeStanding[] }) {
  if (stands.length === 0) return null;
  return (
    <section aria-label="What stands">
      {stands.map((one) => (
        <Standing key={`${one.subject} ${one.cause}`} one={one} />
      ))}
    </section>
  );
}

function Standing({ one }: { one: LifeStanding }) {
  const { subject, cause, since, toldAt, said, title, means, todo, section, type, or, execution, link } = one;
  return (
    <article class="card standing">
      <h2>
        <Badge tone="bad">{cause}</Badge> {title}
      </h2>
      <Labelled
        lines={[
          [
            "Since",
            <>
              <When at={since} />,{" "}
              {toldAt === undefined ? (
                "not mailed"
              ) : (
                <>
                  mailed <When at={toldAt} />
                </>
              )}
              {subject.startsWith("i-") && <>, on its host {subject}</>}
            </>,
          ],
          ["It means", means],
          ...(said === undefined ? [] : [["Cause", said] as const]),
          ["To do", todo],
          ...(type === undefined ? [] : [["Type", <Command key="type" line={type} />] as const]),
          ...(or === undefined ? [] : [["Or", <Command key="or" line={or} />] as const]),
          ["Runbook", `docs/runbook.md, section ${section}`],
          [
            "Found by",
            <>
              <a href={to("execution", execution)}>the execution that found it</a>
              {where.value?.kind === "aws" && (
                <>
                  , also{" "}
                  <a href={link} target="_blank" rel="noreferrer">
                    in AWS's console
                  </a>
                </>
              )}
            </>,
          ],
        ]}
      />
    </article>
  );
}
