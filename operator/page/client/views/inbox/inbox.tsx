import { useEffect } from "preact/hooks";
import type { MailDocument, MailRow, MailsDocument } from "../../../wire/mails.ts";
import { useAsked } from "../../ask.ts";
import { now } from "../../live.ts";
import { Loaded } from "../../parts/asked.tsx";
import { Badge, Empty, When } from "../../parts/text.tsx";
import { to } from "../../places.ts";
import { Mail } from "./mail.tsx";
import { isUnread, markRead } from "./unread.ts";
import "./inbox.css";

const AGAIN_MS = 1000;

/** The mails that people were sent here, and one of them in full. */
export function View({ about }: { about: string }) {
  const asked = useAsked<MailsDocument>("/api/mails", { everyMs: AGAIN_MS });
  return (
    <>
      <h1>Inbox</h1>
      <Loaded asked={asked.value}>
        {(document) =>
          document.mails.length === 0 ? (
            <Empty>
              No mail was sent yet: nothing went wrong. The first comes when something does, within seconds, and stands
              here then. To see one now, type <code>npx keyturn drill</code>.
            </Empty>
          ) : (
            <Mails document={document} about={about} />
          )
        }
      </Loaded>
    </>
  );
}

function Mails({ document: { mails, earlier }, about }: { document: MailsDocument; about: string }) {
  const unread = mails.filter(isUnread);
  return (
    <div class={about === "" ? "inbox" : "inbox opened"}>
      <section class="mails" aria-label="Mails">
        <p class="said">
          {mails.length + earlier === 1 ? "1 mail" : `${mails.length + earlier} mails`}, {unread.length || "none"} new.
          {unread.length > 0 && (
            <button type="button" onClick={() => markRead(mails, mails)}>
              Mark all as read
            </button>
          )}
        </p>
        <ol>
          {mails.map((mail) => (
            <li key={mail.number}>
              <a
                href={to("inbox", String(mail.number))}
                aria-current={about === String(mail.number) ? "true" : undefined}
                class={isUnread(mail) ? "unread" : ""}
              >
                <span class="about">{mail.subject.replace(/^Keyturn: /, "")}</span>
                <span class="beside">
                  {isUnread(mail) && <Badge tone="warn">new</Badge>} <When at={mail.receivedAt} />
                </span>
              </a>
            </li>
          ))}
        </ol>
        {earlier > 0 && (
          <p class="faint">
            {earlier} earlier {earlier === 1 ? "one is" : "ones are"} not listed here: <code>npx keyturn mail</code>{" "}
            lists all.
          </p>
        )}
      </section>
      {about !== "" && <One number={about} listed={mails} />}
    </div>
  );
}

function One({ number, listed }: { number: string; listed: readonly MailRow[] }) {
  const asked = useAsked<MailDocument>(`/api/mails/${encodeURIComponent(number)}`);
  const mail = asked.value.answer;
  useEffect(() => {
    if (mail !== undefined && isUnread(mail)) markRead([mail], listed);
  }, [mail, listed]);
  return (
    <article class="mail">
      <p class="back">
        <a href={to("inbox")}>All mails</a>
      </p>
      <Loaded asked={asked.value}>{(document) => <Mail mail={document} now={now.value} />}</Loaded>
    </article>
  );
}
