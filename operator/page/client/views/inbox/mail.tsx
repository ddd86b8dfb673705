import type { MailDocument } from "../../../wire/mails.ts";
import { standing } from "../../live.ts";
import { ExecutionLink, SubjectLink } from "../../parts/link.tsx";
import { Runbook } from "../../parts/runbook.tsx";
import { Command, Labelled } from "../../parts/text.tsx";
import { to } from "../../places.ts";
import { ago, utc } from "../../time.ts";
import { aboutIn, mailLines, type Piece, sectionIn } from "./mail-lines.ts";

/** A mail as it came: plain text, in which an execution leads to where it is shown, and what is typed can be copied. */
export function Mail({ mail, now }: { mail: MailDocument; now: number }) {
  const { from, to: whom, subject, receivedAt, text } = mail;
  const about = aboutIn(text);
  const section = sectionIn(text);
  const stands = about !== undefined && standing.value.some((row) => row.subject === about);
  return (
    <>
      <h2>{subject}</h2>
      <Labelled
        lines={[
          ["From", from],
          ["To", whom],
          ["Came", `${utc(receivedAt)}, ${ago(receivedAt, now)}`],
          ...(about === undefined ? [] : ([["About", <SubjectLink key={about} subject={about} />]] as const)),
          ...(stands
            ? ([
                [
                  "It stands still",
                  <a key="stands" href={to("attention")}>
                    see Attention
                  </a>,
                ],
              ] as const)
            : []),
          ...(section === undefined ? [] : ([["Runbook", <Runbook key={section} section={section} />]] as const)),
        ]}
      />
      <div class="text">
        {mailLines(text).map((pieces, at) => (
          <Line key={at} pieces={pieces} />
        ))}
      </div>
    </>
  );
}

function Line({ pieces }: { pieces: readonly Piece[] }) {
  if (pieces.length === 0) return <div class="between" />;
  return (
    <div>
      {pieces.map(({ is, text }) => {
        if (is === "execution") return <ExecutionLink key={text} arn={text} />;
        return is === "command" ? <Command key={text} line={text} /> : <span key={text}>{text}</span>;
      })}
    </div>
  );
}
