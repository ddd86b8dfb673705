import type { Change } from "./change.ts";

// DynamoDB's expressions, as they stand in a string or in a template: `#status <> :retired AND (#a = :a OR ${more})`,
// `SET #a = :a, #b = :b REMOVE #c`. Every altered one still uses the same names and values, or DynamoDB would refuse it.

const CONDITION =
  /attribute_(not_)?exists|attribute_type|begins_with|size\(|^ ?(AND|OR) | (AND|OR|BETWEEN) |[\w)}] (=|<>|<=?|>=?) [:#]/;
const UPDATE = /\b(SET|REMOVE|ADD|DELETE) [#\w]/;

/** Whether a text is an expression of DynamoDB, or a part of one. */
export function isExpression(text: string): boolean {
  return /[#:]\w|attribute_/.test(text) && (CONDITION.test(text) || UPDATE.test(text));
}

/** All that one thing altered makes of an expression: a clause, a comparison, a function, what is set or removed. */
export function expressionChanges(text: string): Change[] {
  if (UPDATE.test(text)) return [...updatesLost(text), ...existenceInverted(text)];
  return [...clausesDecided(text), ...comparisonsAltered(text), ...existenceInverted(text)];
}

const OTHER_COMPARISONS: Record<string, string[]> = {
  "=": ["<>"],
  "<>": ["="],
  "<": ["<=", ">"],
  "<=": ["<", ">"],
  ">": [">=", "<"],
  ">=": [">", "<"],
};

function comparisonsAltered(text: string): Change[] {
  return [...text.matchAll(/ (=|<>|<=?|>=?) /g)].flatMap(({ 1: sign = "", index }) =>
    (OTHER_COMPARISONS[sign] ?? []).map((to) => ({ start: index + 1, end: index + 1 + sign.length, to })),
  );
}

function existenceInverted(text: string): Change[] {
  return [...text.matchAll(/attribute_(not_)?exists/g)].map(({ 0: found, 1: not, index }) => ({
    ...{ start: index, end: index + found.length },
    to: not === undefined ? "attribute_not_exists" : "attribute_exists",
  }));
}

/** Every clause, made to hold always where all have to hold, and never where one has to. */
function clausesDecided(text: string): Change[] {
  return groupsOf(text).flatMap((group) => {
    const { joint, parts } = partsOf(text, group, /^ (?:AND|OR) /);
    return parts.map(({ start, end }) => {
      const clause = text.slice(start, end);
      const not = isInParentheses(clause) ? `NOT ${clause}` : `NOT (${clause})`;
      return { start, end, to: joint === " OR " ? `(${clause} AND ${not})` : `(${clause} OR ${not})` };
    });
  });
}

/** Whatever SET writes, written elsewhere; whatever REMOVE removes, left. */
function updatesLost(text: string): Change[] {
  const lists = [...text.matchAll(/\b(SET|REMOVE|ADD|DELETE) /g)];
  return lists.flatMap(({ 0: word, 1: verb, index }, n) => {
    const list = { start: index + word.length, end: lists[n + 1]?.index ?? text.length };
    const { parts } = partsOf(text, list, /^, /);
    return parts.map(({ start, end }, item): Change => {
      if (verb !== "REMOVE") {
        const name = /^[#\w.[\]]+/.exec(text.slice(start, end))?.[0] ?? "";
        return { start: start + name.length, end: start + name.length, to: "Elsewhere" };
      }
      if (parts.length === 1) return { start: index, end: list.end, to: "" };
      const behind = item === 0 ? (parts[1]?.start ?? end) : end;
      return { start: item === 0 ? start : (parts[item - 1]?.end ?? start), end: behind, to: "" };
    });
  });
}

interface Range {
  start: number;
  end: number;
}

/** The whole text, and what stands in each pair of parentheses that joins clauses. */
function groupsOf(text: string): Range[] {
  const groups: Range[] = [{ start: 0, end: text.length }];
  const open: number[] = [];
  let inTemplate = 0;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    if (sign === "{") inTemplate += 1;
    if (sign === "}") inTemplate -= 1;
    if (inTemplate > 0) continue;
    if (sign === "(") open.push(index + 1);
    const start = sign === ")" ? open.pop() : undefined;
    if (start !== undefined && / (AND|OR) /.test(text.slice(start, index))) groups.push({ start, end: index });
  }
  return groups;
}

/** What joints divide, outside of inner parentheses and of what a template fills in; and which joint does. */
function partsOf(text: string, { start, end }: Range, joint: RegExp): { joint: string | undefined; parts: Range[] } {
  const joints: Range[] = [];
  let depth = 0;
  for (let index = start; index < end; index += 1) {
    const sign = text[index] ?? "";
    if ("({".includes(sign)) depth += 1;
    if (")}".includes(sign)) depth -= 1;
    const found = depth === 0 ? joint.exec(text.slice(index, end))?.[0] : undefined;
    const isOfBetween = /BETWEEN \S+$/.test(text.slice(start, index));
    if (found !== undefined && !isOfBetween) joints.push({ start: index, end: index + found.length });
  }
  const edges = [{ start, end: start }, ...joints, { start: end, end }];
  const parts = edges.slice(1).map((edge, index) => ({ start: edges[index]?.end ?? start, end: edge.start }));
  const [first] = joints;
  return {
    joint: first && text.slice(first.start, first.end),
    // Of a part of an expression, the other side of its first or last joint is elsewhere.
    parts: parts.filter((part) => text.slice(part.start, part.end).trim() !== ""),
  };
}

/** Whether all of a clause stands in one pair of parentheses: DynamoDB refuses a second pair around it. */
function isInParentheses(clause: string): boolean {
  if (!clause.startsWith("(")) return false;
  let depth = 0;
  const closing = [...clause].findIndex((sign) => {
    if (sign === "(") depth += 1;
    if (sign === ")") depth -= 1;
    return depth === 0;
  });
  return closing === clause.length - 1;
}
