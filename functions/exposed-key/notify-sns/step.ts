import { claimed } from "../../audit/asked.ts";
import { lineOf } from "../../audit/line.ts";
import { putDue } from "../../audit/put-due.ts";
import type { Finding } from "../../findings/finding.ts";
import { openFinding } from "../../findings/open.ts";
import { endFinding } from "../../findings/tell.ts";
import { executionName } from "../../record/execution-name.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import type { ShutKey } from "../forms.ts";
import { newsIn } from "../news.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type OfKey = Input & { key: ShutKey };
type Output = OutputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;

const NOT_SHUT = "ExposedKeyNotShut";
/** By what the first look at a key may be told. */
const CAUSES = {
  shut: "AccessKeyExposed",
  notShut: NOT_SHUT,
  ROOT: "RootKeyExposed",
  OTHERS: "ExposedKeyOfOthers",
  TEMPORARY: "TemporaryKeyExposed",
} as const;

/** How long the text of a line's field may be. */
const LONGEST = 300;

/** Tells people of a key, or of the event itself; of a second look, what is new. */
export async function notifySns(input: Input, neighbours: Neighbours): Promise<Output> {
  const { key } = input;
  if (key === undefined) return tellOfEvent(input, neighbours);
  return input.again ? tellOfMore({ ...input, key }, neighbours) : tellOfKey({ ...input, key }, neighbours);
}

async function tellOfKey(input: OfKey, neighbours: Neighbours): Promise<Output> {
  const { key, use, gone, event, execution } = input;
  const { findings, journal } = neighbours;
  const cause = causeOf(input);
  const { accessKeyId: subject } = key;
  // A failure of the audit holds no mail up. It is thrown once people know, and what is called again tells nobody twice.
  const failed = await putLines(input, neighbours).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const { code } = event;
  const exposed = { ...(code !== undefined && { code }), key, ...(use && { use }), ...(gone && { gone }) };
  await openFinding({ subject, cause, execution, facts: { exposed } }, neighbours);
  if (cause !== NOT_SHUT) {
    const open = await findings.find({ subject, cause: NOT_SHUT });
    if (open !== undefined && open.endAnnouncedAt === undefined) await endFinding(open, neighbours);
  }
  journal.info("notified", { accessKeyId: subject, cause, execution });
  journal.count("ExposedKey", { outcome: cause });
  if (failed !== undefined) throw failed.error;
  return { told: true, cause };
}

/** By what a key is told of. */
function causeOf({ key: { owner, done }, gone }: OfKey): string {
  if (owner === "ROOT" || owner === "OTHERS" || owner === "TEMPORARY") return CAUSES[owner];
  if (owner === "NOBODY") return CAUSES.shut;
  // That a user has no such key says nothing where only the event claims that it is his.
  const isHis = owner === "USER" || gone?.is === "INACTIVE" || isDoneTo(done);
  return gone !== undefined && isHis ? CAUSES.shut : CAUSES.notShut;
}

/** Whether a step has shut it: deleted, it may have been also where it could not be deactivated. */
function isDoneTo(done: ShutKey["done"]): boolean {
  return done.includes("DEACTIVATED") || done.includes("DELETED");
}

/** What the second look found that the first one had not; and that there was none, where it failed. */
async function tellOfMore(input: OfKey, neighbours: Neighbours): Promise<Output> {
  const { key, use, event, execution } = input;
  const { accessKeyId: subject, failed } = key;
  const known = await lastTold(subject, neighbours);
  const news = use && newsIn(use, known?.facts.exposed?.use);
  const wasFailing = known?.facts.exposed?.use?.unread.length ?? 0;
  if (news === undefined && (failed.length === 0 || (use !== undefined && wasFailing > 0))) return { told: false };
  const cause = "MoreUseFound";
  const { code } = event;
  const exposed = { ...(code !== undefined && { code }), key, ...(news && { use: news }) };
  await openFinding({ subject, cause, execution, facts: { exposed } }, neighbours);
  neighbours.journal.info("notified", { accessKeyId: subject, cause, execution });
  neighbours.journal.count("ExposedKey", { outcome: cause });
  return { told: true, cause };
}

/** What people were told last of a key's first look. */
async function lastTold(subject: string, { findings }: Neighbours): Promise<Finding | undefined> {
  const all = await Promise.all(Object.values(CAUSES).map((cause) => findings.find({ subject, cause })));
  return all.filter((one) => one !== undefined).sort((one, other) => other.seenAt - one.seenAt)[0];
}

async function tellOfEvent({ event, execution }: Input, neighbours: Neighbours): Promise<Output> {
  const { code, isKnown = false, keys = 0, unfit = [], unfitCount = 0, beyond = 0, cause: said } = event;
  if (isKnown && keys > 0 && unfitCount === 0 && beyond === 0) return { told: false };
  const cause = "ExposureUnread";
  const exposed = { ...(code !== undefined && { code, isKnown }), unfit, unfitCount, beyond };
  const facts = { ...(said !== undefined && { said }), exposed };
  await openFinding({ subject: executionName(execution), cause, execution, facts }, neighbours);
  neighbours.journal.info("notified", { cause, code, execution });
  neighbours.journal.count("ExposedKey", { outcome: cause });
  return { told: true, cause };
}

/** Puts the audit lines of what was done, and of what failed: of the moment at which the state was entered, so that each is put once. */
async function putLines({ key, event, execution, asked, enteredAt }: OfKey, { audit, now }: Neighbours): Promise<void> {
  const { accessKeyId, owner, user, done, failed } = key;
  const { requestedBy, trigger } = claimed(asked);
  const details = { user, owner, code: event.code, requestedBy, trigger, execution };
  const what = failed
    .map((one) => `${one.step} ${one.what}`)
    .join(", ")
    .slice(0, LONGEST);
  const due = [
    // Also where only its user's sessions were denied: whatever was altered has its line.
    ...(done.some((one) => one !== "GONE")
      ? [lineOf("deactivated", enteredAt, { ...details, done: done.join(", ") })]
      : []),
    ...(failed.length > 0 ? [lineOf("failed", enteredAt, { ...details, what })] : []),
  ];
  if (due.length > 0) await putDue(audit, { subject: accessKeyId, due, at: now() });
}
