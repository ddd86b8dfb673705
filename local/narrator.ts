import type { BusEvent, CallRecord } from "embedded-aws";

/** Tells what happens in the fleet, in words that a newcomer understands: one line each. */
export class Narrator {
  readonly #write: (line: string) => void;
  readonly #now: () => number;
  readonly #everySeconds: number | undefined;
  /** IDs by EC2 instance, as they registered. */
  readonly #ids = new Map<string, string>();
  readonly #proved = new Set<string>();

  /** @param options.everySeconds after how long a key is turned again, where a schedule does that */
  constructor(options: { write: (line: string) => void; now: () => number; everySeconds?: number }) {
    this.#write = options.write;
    this.#now = options.now;
    this.#everySeconds = options.everySeconds;
  }

  /** One line with the time of day. */
  tell(sentence: string): void {
    this.#write(`${clockTime(this.#now())}  ${sentence}`);
  }

  /** A call that the embedded AWS has answered. */
  onCall(call: CallRecord): void {
    if (call.operation !== "WriteRecords" || call.error !== undefined) return;
    const ec2InstanceId = call.principal.arn.split("/").at(-1) ?? "";
    const id = this.#ids.get(ec2InstanceId);
    if (id === undefined || this.#proved.has(ec2InstanceId)) return;
    this.#proved.add(ec2InstanceId);
    this.tell(`${id}  wrote its first proof to the time series: it holds its key.`);
  }

  /** An event on any bus. */
  onEvent(event: BusEvent): void {
    const detail = event.detail as Record<string, never>;
    const sentence = this.#sentenceFor(event["detail-type"], detail);
    if (sentence !== undefined) this.tell(sentence);
  }

  /** A mail that arrived in the inbox. */
  onMail(subject: string): void {
    this.tell(`MAIL    ${subject}`);
  }

  #sentenceFor(detailType: string, detail: Record<string, string | number>): string | undefined {
    const { id, ec2InstanceId, generation } = detail;
    switch (detailType) {
      case "Instance Registered":
        this.#ids.set(String(ec2InstanceId), String(id));
        return detail.flag === "new"
          ? `${id}  registered from ${detail.ip} (${ec2InstanceId}) as new; both sides agreed on its first key.`
          : `${id}  registered again from ${detail.ip} (${ec2InstanceId}), key of generation ${generation}.`;
      case "Key Rotated": {
        const turned = `${id}  turned its key and proved it: generation ${generation}.`;
        if (this.#everySeconds === undefined) return turned;
        return `${turned} Next one due at ${clockTime(this.#now() + this.#everySeconds * 1000)}.`;
      }
      case "Registration Refused":
        return `${id}  REFUSED to ${ec2InstanceId} (${detail.flag}): ${detail.reason}.`;
      case "Mismatch Found":
        return `${id}  ${detail.verdict}: what ${ec2InstanceId} writes does not prove its key.`;
      case "Rotation Failed":
        return `${id}  was not turned: ${detail.reason} in ${detail.step}.`;
      case "Fleet Rotation Finished":
        return `SCHEDULE  ${detail.due} due: ${detail.turned} turned, ${detail.skipped} skipped, ${detail.failed} failed.`;
      default:
        return undefined;
    }
  }
}

/** `14:03:59`, in the computer's own time zone. */
function clockTime(timeMs: number): string {
  return new Date(timeMs).toTimeString().slice(0, 8);
}
