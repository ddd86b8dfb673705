import { KEY_FORM } from "../../events/fields.ts";
import { MOST_KEYS, type ShutKey, USER_FORM } from "../exposed-key/forms.ts";
import type { ExposedFacts, Finding } from "../findings/finding.ts";
import type { About } from "./commands.ts";
import { describeOwner, setKey, shutKeyAgain, undone } from "./exposed-key-commands.ts";
import { summaryOf, useParagraphs } from "./exposed-key-use.ts";
import type { Line } from "./layout.ts";
import { utc } from "./time.ts";
import { typedLines } from "./typed.ts";

// What a mail says of an exposed access key, for somebody who is woken by it: first whether it is shut, then what to do, then
// what was done with it. Names, addresses and causes are others' words; what has not its form stands in no command.

/** Tells of what the first mail did not have, and of nothing else. */
const SECOND_LOOK = "MoreUseFound";
/** How long what others have written may be in a line. */
const LONGEST = 200;

/** The key that a finding is about, and its user, as far as they have their form. */
export function keyOf({ subject, facts }: Pick<Finding, "subject" | "facts">): Pick<About, "accessKeyId" | "user"> {
  const accessKeyId = KEY_FORM.test(subject) ? subject : undefined;
  const user = facts.exposed?.key?.user;
  return { accessKeyId, user: accessKeyId !== undefined && isUser(user) ? user : undefined };
}

/** The lines with which a mail begins, what follows them, and what stands below its advice. */
export function exposedParagraphs(finding: Finding): { head: Line[]; above: Line[][]; below: Line[][] } {
  const { cause, facts, execution } = finding;
  const { exposed } = facts;
  if (exposed === undefined) return { head: [], above: [], below: [] };
  const { key, use } = exposed;
  if (key === undefined) return { head: [], above: [eventLines(exposed, execution)], below: [] };
  const about = { ...keyOf(finding), execution };
  const summary = summaryOf(use);
  if (cause === SECOND_LOOK) {
    return { head: [["New", summary]], above: [failedLines(key)], below: useParagraphs(use, about, "SECOND") };
  }
  return {
    head: [["The key", stateOf(exposed)], ["Used", summary], ...ownerLines(exposed)],
    above: [[...doneLines(key, isGone(exposed), about), ...failedLines(key)], besideLines(exposed, about)],
    below: useParagraphs(use, about, "FIRST"),
  };
}

/** What a list of many says of each, e.g. `SHUT, 12 calls`; undefined of what is no key. */
export function briefOf(cause: string, { key, use, gone }: ExposedFacts): string | undefined {
  if (key === undefined) return undefined;
  if (cause === SECOND_LOOK) return summaryOf(use);
  const [state] = stateOf({ key, ...(gone && { gone }) }).split(/[.,]/);
  return `${state}, ${summaryOf(use)}`;
}

/** Whether nobody can use it any more. */
function stateOf(facts: Pick<ExposedFacts, "key" | "gone">): string {
  const { key, gone } = facts;
  if (key?.owner === "ROOT") return "OPEN. Nobody but the root user himself can shut it.";
  if (key?.owner === "OTHERS") return "OPEN, as far as is known here. It is another account's.";
  if (key?.owner === "TEMPORARY") return "OPEN. It is that of a session, and can be used until that runs out.";
  const noMore = isGone(facts);
  // Whose it is was not found out: that this user has no such key says nothing of another one's.
  if (noMore && key?.owner === "UNKNOWN" && !isDone(key, "DEACTIVATED")) {
    return "OPEN, as far as is known. The user that the event names has no such key; whose it is could not be found out.";
  }
  if (noMore) return "GONE. AWS knows no such key any more, so that nobody can use it.";
  if (gone?.is === "INACTIVE") return "SHUT. It is inactive, as IAM confirms, so that nobody can use it.";
  if (isDone(key, "DEACTIVATED")) return "PERHAPS SHUT. It was made inactive, and nobody could confirm that it is.";
  return "OPEN, as far as is known.";
}

function ownerLines({ code, key }: ExposedFacts): Line[] {
  const { lastUse } = key ?? {};
  const last = lastUse && `${utc(lastUse.at)}, ${cut(lastUse.service)} in ${cut(lastUse.region)}, as far as IAM knows`;
  return [
    ["Whose", whoseOf(key)],
    ...(last === undefined ? [] : [["Last used", last] as Line]),
    ...(code === undefined ? [] : [["Reported", cut(code)] as Line]),
  ];
}

function whoseOf(key: ShutKey | undefined): string {
  const { owner, user = "", account } = key ?? {};
  if (owner === "USER") return `IAM user ${cut(user)}`;
  if (owner === "ROOT") return "the root user of this account";
  if (owner === "OTHERS") return account === undefined ? "another account" : `account ${cut(account)}`;
  if (owner === "NOBODY") return "nobody's any more: AWS knows no such key";
  if (owner === "TEMPORARY") return "a session's: CloudTrail says whose, by the command below";
  return user === "" ? "not known" : `not known; the event says IAM user ${cut(user)}`;
}

/** What was done, each with what undoes it. */
function doneLines(key: ShutKey, isGone: boolean, { accessKeyId, user }: About): Line[] {
  const undo = undone({ accessKeyId, user });
  const undoLine = (command: string | undefined): Line[] => (command === undefined ? [] : [["  undo it", command]]);
  const lines: Record<ShutKey["done"][number], () => Line[]> = {
    DEACTIVATED: () => [["Done", "made inactive"], ...(isGone ? [] : undoLine(undo?.activate))],
    SESSIONS_DENIED: () => [
      ["Done", "denied everything to what was issued to the user before: temporary credentials drawn with the key"],
      ...undoLine(undo?.allowSessions),
    ],
    DELETED: () => [["Done", "deleted, which nobody can undo"]],
    GONE: () => [["Done", "nothing: there was no such key, or no such user, any more"]],
  };
  return [...new Set(key.done)].flatMap((one) => lines[one]?.() ?? []);
}

function failedLines({ failed }: ShutKey): Line[] {
  return failed.slice(0, 10).map(({ step, what, cause }): Line => {
    const why = [cut(what), cut(cause)].filter((text) => text !== "").join(": ");
    return ["Failed", `${cut(step)}${why === "" ? "" : ` (${why})`}`];
  });
}

/** What else can be used in its place, who else has denied something, and how it is shut by hand. */
function besideLines({ key, gone }: ExposedFacts, { accessKeyId, user }: About): Line[] {
  const isShut = gone !== undefined || key?.owner === "NOBODY" || isDone(key, "DELETED");
  const isOurs = key?.owner === "USER" || key?.owner === "UNKNOWN";
  const hand = accessKeyId && (user ? setKey("Inactive", { accessKeyId, user }) : describeOwner(accessKeyId));
  const others = gone?.otherKeys.filter((id) => KEY_FORM.test(id)) ?? [];
  return [
    ...(isOurs && !isShut && hand ? [["By hand", hand] as Line] : []),
    ...(others.length > 0
      ? [["Other keys", `${others.slice(0, 10).join(", ")}: of the same user, active, left alone`] as Line]
      : []),
    ...quarantineLines(gone),
  ];
}

/** What AWS itself has denied the user, which is none of Keyturn's doing; where the key is gone, only if there is such. */
function quarantineLines(gone: ExposedFacts["gone"]): Line[] {
  const policies = gone?.quarantine?.slice(0, 5).map(cut) ?? [];
  if (policies.length > 0) {
    const text = `AWS has put ${policies.join(", ")} on the user, which denies him some actions. It is none of Keyturn's, and stays until you detach it`;
    return [["AWS's own", text]];
  }
  if (gone !== undefined && gone.quarantine === undefined) {
    return [
      ["AWS's own", "not known: whether AWS has put a quarantine policy of its own on the user could not be read"],
    ];
  }
  return gone?.is === "INACTIVE"
    ? [["AWS's own", "AWS has put no quarantine policy of its own on the user, so far"]]
    : [];
}

/** Of an event: of which kind it is, what in it is no key or was not looked at, and what shuts a key that it names. */
function eventLines({ code, isKnown, unfit = [], unfitCount, beyond = 0 }: ExposedFacts, execution: string): Line[] {
  const count = Math.max(unfit.length, unfitCount ?? 0);
  const named = unfit.slice(0, 20).map((text) => `"${cut(text)}"`);
  const rest = count - named.length;
  const typed = unfit
    .filter((text) => KEY_FORM.test(text))
    .map((accessKeyId) => shutKeyAgain({ accessKeyId, execution }));
  return [
    ...(code === undefined
      ? []
      : [["Its kind", `${cut(code)}${isKnown === false ? ", of which it is not known what to do" : ""}`] as Line]),
    ...[...named, ...(rest > 0 ? [`and ${rest} more`] : [])].map((text, n): Line => [n === 0 ? "It names" : "", text]),
    ...(beyond > 0
      ? [["Left", `${beyond} more keys than the ${MOST_KEYS} that are looked at of one event: not shut`] as Line]
      : []),
    ...typed.flatMap((command) => typedLines("Shut one", command)),
  ];
}

/** Whether there is no such key any more, so that nothing brings it back. */
function isGone({ key, gone }: Pick<ExposedFacts, "key" | "gone">): boolean {
  return gone?.is === "GONE" || key?.owner === "NOBODY" || isDone(key, "DELETED") || isDone(key, "GONE");
}

function isDone(key: ShutKey | undefined, what: ShutKey["done"][number]): boolean {
  return key?.done.includes(what) ?? false;
}

function isUser(name: string | undefined): name is string {
  return name !== undefined && USER_FORM.test(name);
}

function cut(text: string): string {
  return text.slice(0, LONGEST);
}
