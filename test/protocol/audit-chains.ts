import { type AuditLine, auditDigest, type Seal, sealDigest } from "../../protocol/index.ts";

/** What is chained to the line before by `chained`: all but number, predecessor and digest. */
export type Content = Pick<AuditLine, "subject" | "timeMs" | "act" | "details">;

/** Lines as an honest control plane puts them: each after the last one of its subject. */
export function chained(contents: readonly Content[]): AuditLine[] {
  const last = new Map<string, AuditLine>();
  return contents.map((content) => {
    const { n, digest: previous } = last.get(content.subject) ?? { n: 0, digest: "" };
    const line = hashed({ ...content, n: n + 1, previous, digest: "" });
    last.set(content.subject, line);
    return line;
  });
}

/** Lines of one subject, hashed anew as somebody does who hides what he did: from the first to the last, numbers as they are. */
export function hashedAnew(lines: readonly AuditLine[]): AuditLine[] {
  let previous = "";
  return lines.map((line) => {
    const anew = hashed({ ...line, previous });
    previous = anew.digest;
    return anew;
  });
}

/** A line with the digest that its content gives. */
export function hashed(line: AuditLine): AuditLine {
  return { ...line, digest: auditDigest(line) };
}

/** Seals as an honest sealer puts them: of each day's lines, each after the last. */
export function sealedDaily(days: readonly { day: string; lines: readonly AuditLine[] }[]): Seal[] {
  let previous = "";
  return days.map(({ day, lines }) => {
    const heads = new Map(lines.map(({ subject, n, digest }) => [subject, { subject, n, digest }]));
    const content = { day, previous, heads: [...heads.values()] };
    const seal = { ...content, digest: sealDigest(content) };
    previous = seal.digest;
    return seal;
  });
}
