import { FORMS, isEc2InstanceId, isInstanceId } from "../../protocol/index.ts";
import type { Facts, Finding } from "../findings/finding.ts";
import { adviceFor } from "./advice.ts";
import { behindLines } from "./behind.ts";
import { exposedParagraphs, keyOf } from "./exposed-key.ts";
import { type Line, layout } from "./layout.ts";
import { utc } from "./time.ts";
import { IN_THE_PROJECT, typedLines } from "./typed.ts";

/** Where a section of the runbook is read. */
export const runbook = (section: string) => `docs/runbook.md, section ${section}`;

/** The name or the ARN of a secret, as settings take it; RDS names its own with a `!`. */
const SECRET = /^[\w/+=.@!:-]{1,2048}$/;
const isSecret = (text: string | undefined) => text !== undefined && SECRET.test(text);

/** How the subject of a finding is named, e.g. `0a1b2c (i-0123456789abcdef0)`, or `AKIAIOSFODNN7EXAMPLE (deployer)`. */
export function nameOf({ subject, facts }: Pick<Finding, "subject" | "facts">): string {
  if (subject === "fleet") return "the fleet";
  const { id, ec2InstanceId, accessKeyId, user } = aboutOf({ subject, facts, execution: "" });
  const beside = accessKeyId ? user : subject === id ? ec2InstanceId : id;
  return beside === undefined ? subject : `${subject} (${beside})`;
}

/**
 * The instance and the host of a finding, the secret of a credential, or an access key and its user, as far as they are known.
 * Somebody may have altered the record that they come from, and whoever reads of it types what is made of them.
 */
export function aboutOf({ subject, facts, execution }: Pick<Finding, "subject" | "facts" | "execution">) {
  const id = [subject, facts.id].find(isInstanceId);
  const ec2InstanceId = [subject, facts.ec2InstanceId].find(isEc2InstanceId);
  const { accessKeyId, user } = keyOf({ subject, facts });
  // Settings refuse a secret whose name could be anything else's.
  const isOther = [id, ec2InstanceId, accessKeyId].some((one) => one !== undefined);
  const secret = !isOther && FORMS.secretName.test(subject) ? subject : undefined;
  return { id, ec2InstanceId, secret, keySecret: [facts.keySecret].find(isSecret), accessKeyId, user, execution };
}

/** Whether a token is refused, or until when it is good, and the one before it, for whoever asks at night how long there is time. */
function lifeLines({ isRefused, goodUntil, formerUntil }: Facts, now: number): Line[] {
  const said = (until: number) => `${until > now ? "good until" : "ended at"} ${utc(until)}`;
  const current = isRefused ? "refused: section CredentialMismatch" : goodUntil && said(goodUntil);
  return [
    ...(current ? [["Token", current] as Line] : []),
    ...(formerUntil === undefined ? [] : [["Former one", said(formerUntil)] as Line]),
  ];
}

/**
 * A mail that a person can act on. It holds identifiers and outcomes; no hash, no proof, no key.
 *
 * @param now milliseconds since 1970
 */
export function findingMail(finding: Finding, now: number): { subject: string; text: string } {
  const { cause, facts, execution, since } = finding;
  const { title, means, todo, section, command } = adviceFor(cause, facts.kind);
  const about = nameOf(finding);
  const typed = command?.(aboutOf(finding));
  const { head, above, below } = exposedParagraphs(finding);
  const time = (label: string, at: number | undefined): Line[] => (at === undefined ? [] : [[label, utc(at)]]);
  const key = facts.generation === undefined ? "" : `generation ${facts.generation}, since ${utc(facts.keySince ?? 0)}`;
  const text = layout(
    [
      [
        ["What", `${cause}: ${title}`],
        ["About", about],
        ...head,
        ...(facts.step === undefined ? [] : [["In", facts.step] as Line]),
        ["Since", since < now - 60_000 ? `${utc(since)} (noticed ${utc(now)})` : utc(since)],
        ...(key === "" ? [] : [["Key", key] as Line]),
        ...time("Last proof", facts.lastProofAt),
        ...time("Next try", facts.nextTryAt),
        ...lifeLines(facts, now),
      ],
      behindLines(facts.behind),
      ...above,
      [["It means", means], ["To do", todo], ["Runbook", runbook(section)], ...typedLines("Type", typed)],
      facts.said === undefined || facts.said === "" ? [] : [["Cause", facts.said]],
      ...below,
    ],
    execution,
    [
      finding.endedAt === undefined
        ? `You get this once${facts.exposed === undefined ? "" : " for each execution that finds it"}. While it stands, a mail a day gathers what is still wrong.`
        : `It is over since ${utc(finding.endedAt)}; whoever found it could not tell you then.`,
      ...(typed?.keyturn === undefined ? [] : [IN_THE_PROJECT]),
    ],
  );
  return { subject: `Keyturn: ${cause} on ${about}`, text };
}
