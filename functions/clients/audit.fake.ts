import { type AuditLine, headsInOrder, type Seal } from "../../protocol/index.ts";
import { dayOf } from "../audit/days.ts";
import { type Audit, demandSubject, isSameLine } from "./audit.ts";

/** The audit in memory; what lies there may be changed, as somebody with a right to the table may. */
export function fakeAudit(): Audit & { lying: (AuditLine & { day: string })[]; standing: Seal[] } {
  const lying: (AuditLine & { day: string })[] = [];
  const standing: Seal[] = [];
  const without = ({ day: _, ...line }: AuditLine & { day: string }): AuditLine => line;
  const linesOf = (subject: string) =>
    lying.filter((line) => line.subject === subject).sort((one, other) => one.n - other.n);

  return {
    lying,
    standing,

    async put(line, { at }) {
      demandSubject(line.subject);
      const there = linesOf(line.subject).find(({ n }) => n === line.n);
      if (there === undefined) lying.push({ ...line, day: dayOf(at) });
      return there === undefined || isSameLine(there, line);
    },

    async line({ subject, n }) {
      const found = linesOf(subject).find((line) => line.n === n);
      return found && without(found);
    },

    async last(subject) {
      const found = linesOf(subject).at(-1);
      return found && without(found);
    },

    async lines(subject, { after = 0, limit = Number.POSITIVE_INFINITY } = {}) {
      const above = linesOf(subject).filter(({ n }) => n > after);
      const lines = above.slice(0, limit).map(without);
      const last = lines.at(-1);
      return { lines, ...(last && above.length > lines.length && { next: last.n }) };
    },

    async keysOfDay(day, { after = "0", limit = Number.POSITIVE_INFINITY } = {}) {
      const keys = lying.filter((line) => line.day === day).map(({ subject, n }) => ({ subject, n }));
      const end = Number(after) + limit;
      return { keys: keys.slice(Number(after), end), ...(end < keys.length && { next: String(end) }) };
    },

    async putSeal(seal) {
      const last = standing.at(-1);
      if (last?.digest === seal.digest && last.day === seal.day) return true;
      if (seal.previous !== (last?.digest ?? "") || (last !== undefined && seal.day <= last.day)) return false;
      standing.push(structuredClone({ ...seal, heads: headsInOrder(seal.heads) }));
      return true;
    },

    lastSeal: async () => structuredClone(standing.at(-1)),

    sealOf: async (day) => structuredClone(standing.find((seal) => seal.day === day)),

    async seals({ after = 0, limit = Number.POSITIVE_INFINITY } = {}) {
      const seals = structuredClone(standing.slice(after, after + limit));
      return { seals, ...(after + limit < standing.length && { next: after + limit }) };
    },
  };
}
