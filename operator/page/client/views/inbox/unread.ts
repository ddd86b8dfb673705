import { signal } from "@preact/signals";
import type { MailRow } from "../../../wire/mails.ts";

/** Where the browser keeps which mails were read: beyond the tab, so that who comes back in the morning sees what is new. */
const KEPT = "keyturn-mails-read";

/** What tells a mail from one of the same number in a data folder that was begun anew. */
const markOf = ({ number, receivedAt }: Pick<MailRow, "number" | "receivedAt">) => `${number}@${receivedAt}`;

const read = signal<ReadonlySet<string>>(new Set(kept()));

export function isUnread(mail: Pick<MailRow, "number" | "receivedAt">): boolean {
  return !read.value.has(markOf(mail));
}

/** @param listed those that there are: what is kept of others is forgotten */
export function markRead(mails: readonly MailRow[], listed: readonly MailRow[]): void {
  const there = new Set(listed.map(markOf));
  const next = new Set([...[...read.peek()].filter((mark) => there.has(mark)), ...mails.map(markOf)]);
  read.value = next;
  try {
    localStorage.setItem(KEPT, JSON.stringify([...next]));
  } catch {
    // A browser that keeps nothing, or nothing more: it is known until the page is closed.
  }
}

function kept(): string[] {
  try {
    const marks: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(marks) ? marks.filter((mark) => typeof mark === "string") : [];
  } catch {
    return [];
  }
}
