import type { BusEvent, CallRecord } from "embedded-aws";
import { adviceFor } from "../functions/telling/advice.ts";
import { nameOf } from "../functions/telling/finding-mail.ts";
import { CredentialStory, type Counts as VisitCounts } from "./credential-story.ts";
import { exposedSentences } from "./exposed/sentences.ts";
import { type Counts, runSentence, type Turn } from "./fleet-runs.ts";
import { rekeySentences } from "./rekey-story.ts";
import { SHOP_SECRET } from "./shop/shop.ts";

/** Where an instance keeps what one may want to look at. */
interface InstanceFiles {
  key: string;
  log: string;
}

export interface NarratorOptions {
  write: (line: string) => void;
  now: () => number;
  /** After how long a key is turned again, where a schedule does that. */
  everySeconds?: number;
  /** Paths to tell when an instance registers. */
  filesOf?: (ec2InstanceId: string) => InstanceFiles;
}

type Detail = Record<string, string | number | boolean>;

/** Tells what happens in the fleet, in words that a newcomer understands: one line each, with the time of day in UTC. */
export class Narrator {
  readonly #options: NarratorOptions;
  /** IDs by EC2 instance, as they registered. */
  readonly #ids = new Map<string, string>();
  /** Newcomers, each with the ID beside which it waits. */
  readonly #beside = new Map<string, string>();
  readonly #proved = new Set<string>();
  readonly #credentials = new CredentialStory();

  constructor(options: NarratorOptions) {
    this.#options = options;
  }

  /** One line with the time of day. */
  tell(sentence: string): void {
    this.#options.write(`${clockTime(this.#options.now())}  ${sentence}`);
  }

  /** A call that the embedded AWS has answered. */
  onCall(call: CallRecord): void {
    if (call.operation !== "WriteRecords" || call.error !== undefined) return;
    const ec2InstanceId = call.principal.arn.split("/").at(-1) ?? "";
    const id = this.#ids.get(ec2InstanceId);
    if (id === undefined || this.#proved.has(id)) return;
    this.#proved.add(id);
    this.tell(`${id}  writes its proofs to the time series.`);
  }

  /** An event on any bus; `turns` are those of the run over the fleet that it tells the end of. */
  onEvent(event: BusEvent, turns: readonly Turn[] = []): void {
    if (event["detail-type"] === "Fleet Rotation Finished") this.#runEnded(event.detail as unknown as Counts, turns);
    for (const sentence of this.#sentencesFor(event["detail-type"], event.detail)) this.tell(sentence);
  }

  /** From now on it is told how often applications were served, and how often not, when their credential is turned. */
  countVisits(secret: string, counts: () => VisitCounts): void {
    this.#credentials.countVisits(secret, counts);
  }

  /** A mail that arrived in the inbox, and the file in which it can be read. */
  onMail(subject: string, file?: string): void {
    this.tell(`MAIL    ${subject}${file === undefined ? "" : `: ${file}`}`);
  }

  #sentencesFor(detailType: string, detail: Record<string, unknown>): string[] {
    const { id, ec2InstanceId, flag, reason, verdict, step } = detail as Record<string, string>;
    switch (detailType) {
      case "Instance Registered":
        return this.#registered(detail as Detail);
      case "Key Rotated":
        return this.#rotated(detail as Detail);
      case "Registration Refused":
        return [`${id}  REFUSED to ${ec2InstanceId} (${flag}): ${reason}.`];
      case "Finding Opened":
        return this.#opened(detail as Detail);
      case "Finding Ended":
        return this.#ended(detail as Detail);
      case "Mismatch Found":
        return verdict === "CONFLICT"
          ? [`${id}  CONFLICT: a second one writes as ${ec2InstanceId}, without its key.`]
          : [`${id}  ${verdict}: what ${ec2InstanceId} writes does not prove its key.`];
      case "Rotation Failed":
        return [`${id}  was not turned: ${reason} in ${step}.`];
      default:
        return [
          ...rekeySentences(detailType, detail),
          ...exposedSentences(detailType, detail),
          ...this.#credentials.sentencesFor(detailType, detail),
        ];
    }
  }

  #opened(detail: Detail): string[] {
    const [subject, cause] = [String(detail.subject), String(detail.cause)];
    const forward = `${subject}  was ahead of its record, which is brought forward to the key that its samples prove.`;
    // The event does not say of which kind a credential is; here one of them is a token.
    const { title } = adviceFor(cause, subject === SHOP_SECRET ? "token" : undefined);
    return [
      `FINDING  ${cause} on ${nameOf({ subject, facts: {} })}: ${title}.`,
      ...(cause === "BroughtForward" ? [forward] : []),
    ];
  }

  #ended(detail: Detail): string[] {
    const [subject, cause] = [String(detail.subject), String(detail.cause)];
    return [
      `FINDING  ${cause} on ${nameOf({ subject, facts: {} })} is over; it stood since ${clockTime(Number(detail.since))}.`,
    ];
  }

  #registered(detail: Detail): string[] {
    const { ip, flag, generation } = detail;
    const [id, ec2InstanceId] = [String(detail.id), String(detail.ec2InstanceId)];
    if (flag === "rekey") return [`${id}  agreed a fresh key with the control plane, of generation ${generation}.`];
    const former = this.#ids.get(ec2InstanceId);
    this.#ids.set(ec2InstanceId, id);
    const files = this.#options.filesOf?.(ec2InstanceId);
    const sentences = [
      flag === "new"
        ? `${id}  registered from ${ip} (${ec2InstanceId}) as new; both sides agreed on its first key.`
        : `${id}  registered again from ${ip} (${ec2InstanceId}), key of generation ${generation}.`,
    ];
    if (files !== undefined) sentences.push(`${id}  has its key in ${files.key}`, `${id}  has its log in ${files.log}`);
    if (former !== undefined && former !== id) {
      // Of several newcomers the last one waits, beside the same record.
      const beside = this.#beside.get(former) ?? former;
      this.#beside.delete(former);
      this.#beside.set(id, beside);
      sentences.push(`${id}  waits beside ${beside} until nothing more comes from that.`);
    }
    return sentences;
  }

  /** What is due while it is being turned is due for the next run, too: one that has nothing else to do says nothing. */
  #runEnded(counts: Counts, turns: readonly Turn[]): void {
    if (turns.length > 0 && turns.every(({ outcome }) => outcome === "ALREADY_STARTED")) return;
    this.tell(`SCHEDULE  ${runSentence(counts, turns)}`);
  }

  #rotated({ id, ec2InstanceId, generation, rekey }: Detail): string[] {
    const { everySeconds, now } = this.#options;
    const next = everySeconds === undefined ? "" : ` Next one due at ${clockTime(now() + everySeconds * 1000)}.`;
    const what = rekey ? "is rekeyed, under the same ID, and proved its fresh key" : "turned its key and proved it";
    const sentences = [`${id}  ${what}: generation ${generation}.${next}`];
    const former = this.#beside.get(String(id));
    if (former !== undefined) {
      this.#beside.delete(String(id));
      sentences.push(`${former}  is retired: ${ec2InstanceId} is ${id} from now on.`);
    }
    return sentences;
  }
}

/** `14:03:59Z`: in UTC, as in logs, mails and AWS's answers. */
function clockTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(11, 19)}Z`;
}
