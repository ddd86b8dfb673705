import type { ComponentChildren } from "preact";
import type { StandingRow } from "../../wire/live.ts";
import { where } from "../live.ts";
import { to } from "../places.ts";
import { utc } from "../time.ts";
import { Folded } from "./folded.tsx";
import { ExecutionLink, SubjectLink } from "./link.tsx";
import { Prose } from "./prose.tsx";
import { Runbook } from "./runbook.tsx";
import { Command, Labelled, When } from "./text.tsx";
import "./finding.css";

/** A finding: in the order in which somebody who was woken wants to know it. */
export function FindingCard({ row }: { row: StandingRow }) {
  const { subject, named, cause, title, means, todo, section, type, or, mail, members, execution, link, said } = row;
  return (
    <section class="card finding">
      <h2>
        <span class="badge bad">{cause}</span> on <SubjectLink subject={subject}>{named}</SubjectLink>
        {members.length > 0 && `, ${members.length.toLocaleString("en")} at once`}
      </h2>
      <p class="title">
        {title.charAt(0).toUpperCase()}
        {title.slice(1)}.
      </p>
      <Labelled
        lines={[
          ["Since", <Moments row={row} />],
          ["It means", <Prose text={means} />],
          ...(said === undefined ? [] : [["Cause", <Prose text={said} />] as const]),
          ["To do", <Prose text={todo} />],
          ...(type === undefined ? [] : [["Type", <Typed line={type} />] as const]),
          ["Runbook", <Runbook section={section} />],
          ["Found by", <FoundBy execution={execution} link={link} />],
        ]}
      />
      {or !== undefined && <Folded summary="The same by AWS's own command line">{() => <Command line={or} />}</Folded>}
      {members.length > 0 && (
        <Folded summary={`The ${members.length.toLocaleString("en")} that it stands of`}>
          {() => <Members members={members} cause={cause} />}
        </Folded>
      )}
      <Folded summary="The mail about it">
        {() => (
          <pre>
            {mail.subject}
            {"\n\n"}
            {mail.text}
          </pre>
        )}
      </Folded>
    </section>
  );
}

/** Typed as it stands, a command of AWS's would ask AWS itself, and not what runs on this computer. */
function Typed({ line }: { line: string }) {
  return (
    <>
      <Command line={line} />
      {where.value?.kind === "here" && line.startsWith("aws ") && (
        <p class="faint">
          AWS's commands reach this computer's AWS once <code>eval "$(npx keyturn env)"</code> was typed before.
        </p>
      )}
    </>
  );
}

/** Since when, when people were told, and how often it was found again. */
function Moments({ row: { since, toldAt, times } }: { row: StandingRow }) {
  return (
    <>
      {utc(since)} (<When at={since} />
      ),{" "}
      {toldAt === undefined ? (
        "not mailed yet"
      ) : (
        <>
          mailed <When at={toldAt} />
        </>
      )}
      {times > 1 && `, found ${times.toLocaleString("en")} times`}
    </>
  );
}

function FoundBy({ execution, link }: { execution: string; link: string }): ComponentChildren {
  return (
    <>
      <ExecutionLink arn={execution} />
      {where.value?.kind === "aws" && execution !== "" && (
        <>
          {" "}
          (
          <a href={link} target="_blank" rel="noreferrer">
            in AWS's console
          </a>
          )
        </>
      )}
    </>
  );
}

/** Of so many, one sees what they have in common; the fleet shows all. */
const MOST_MEMBERS = 100;

function Members({ members, cause }: Pick<StandingRow, "members" | "cause">) {
  const rest = members.length - MOST_MEMBERS;
  return (
    <>
      <ul class="members">
        {members.slice(0, MOST_MEMBERS).map(({ subject, since }) => (
          <li key={subject}>
            <SubjectLink subject={subject} />{" "}
            <span class="faint">
              <When at={since} />
            </span>
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <p>
          and {rest.toLocaleString("en")} more: <a href={to("fleet", cause)}>in the fleet</a>
        </p>
      )}
    </>
  );
}
