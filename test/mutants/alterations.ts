import { type Change, changed } from "./change.ts";
import { expressionChanges, isExpression } from "./expressions.ts";
import { at, calleeOf, listAt, type Node, type Place, placesIn } from "./syntax.ts";

/** What a node can wrongly be. */
type Alter = (place: Place, text: string) => Change[];

const whole = ({ start, end }: Node, to: string): Change => ({ start, end, to });
const textOf = (node: Node, text: string) => text.slice(node.start, node.end);

const OTHER_SIGNS: Record<string, string[]> = {
  "===": ["!=="],
  "!==": ["==="],
  "<": ["<=", ">"],
  "<=": ["<", ">"],
  ">": [">=", "<"],
  ">=": [">", "<"],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
};

/** By name: a method that does about the same, or "" where a list is as well taken as it is. */
const OTHER_METHODS = new Map(
  Object.entries({
    ...{ some: "every", every: "some", startsWith: "endsWith", endsWith: "startsWith", min: "max", max: "min" },
    ...{ floor: "ceil", ceil: "floor", find: "findLast", findLast: "find" },
    ...{ filter: "", toSorted: "", toReversed: "", slice: "", trim: "", toLowerCase: "", catch: "", replaceAll: "" },
  }),
);

const ALTERATIONS: Record<string, Alter> = {
  BinaryExpression: ({ node, around: [outer] }, text) => {
    const [left, right] = [at(node, "left"), at(node, "right")];
    if (left === undefined || right === undefined) return [];
    const sign = String(node.operator);
    // As the whole test of a condition, it is made true and false already.
    if (/^[!=]==$/.test(sign) && outer !== undefined && at(outer, "test") === node) return [];
    if (sign === "+" && [left, right].some(isText)) return [];
    const start = left.end + text.slice(left.end, right.start).indexOf(sign);
    return (OTHER_SIGNS[sign] ?? []).map((to) => ({ start, end: start + sign.length, to }));
  },
  LogicalExpression: ({ node }, text) => {
    const [left, right] = [at(node, "left"), at(node, "right")];
    if (left === undefined || right === undefined) return [];
    if (node.operator === "??") return [whole(node, textOf(left, text))];
    return [whole(node, textOf(left, text)), whole(node, textOf(right, text))];
  },
  UnaryExpression: ({ node }, text) => {
    const argument = at(node, "argument");
    if (argument === undefined || !["!", "-"].includes(String(node.operator))) return [];
    return [whole(node, textOf(argument, text))];
  },
  ConditionalExpression: ({ node }) => decided(at(node, "test")),
  IfStatement: ({ node }) => decided(at(node, "test")),
  WhileStatement: ({ node }) => decided(at(node, "test")).slice(1),
  Literal: ({ node, around }, text) => {
    const { value } = node;
    if (typeof value === "boolean") return [whole(node, String(!value))];
    if (isDefault(around)) return [];
    if (typeof value === "number") return isFigure(around) ? [] : [whole(node, String(value + 1))];
    if (node.regex !== undefined) return anchorsLost(node, text);
    if (typeof value !== "string" || isName(node, around)) return [];
    if (isExpression(value)) return within(node, text);
    if (isSentence(value)) return [];
    return [whole(node, value === "" ? '"altered"' : '""')];
  },
  TemplateLiteral: ({ node }, text) => {
    const inner = textOf(node, text).slice(1, -1);
    if (isExpression(inner)) return within(node, text);
    return isSentence(inner) ? [] : [whole(node, "``")];
  },
  ArrayExpression: ({ node }) => eachGone(listAt(node, "elements")),
  ObjectExpression: ({ node }) =>
    eachGone(listAt(node, "properties")).filter((_, index) => isAlteredWhole(node, index)),
  ExpressionStatement: ({ node }) => (typeof node.directive === "string" ? [] : [whole(node, ";")]),
  ThrowStatement: ({ node }) => [whole(node, ";")],
  ContinueStatement: ({ node }) => [whole(node, ";")],
  BreakStatement: ({ node, around: [outer] }) => (outer?.type === "SwitchCase" ? [] : [whole(node, ";")]),
  ReturnStatement: ({ node }) => (node.argument === null ? [whole(node, ";")] : []),
  AssignmentExpression: ({ node }, text) => {
    const [left, right] = [at(node, "left"), at(node, "right")];
    const other = { "+=": "-=", "-=": "+=", "??=": "=", "||=": "=" }[String(node.operator)];
    return left && right && other ? [whole(node, `${textOf(left, text)} ${other} ${textOf(right, text)}`)] : [];
  },
  MemberExpression: ({ node }, text) => {
    const object = at(node, "object");
    if (node.optional !== true || object === undefined) return [];
    const start = object.end + text.slice(object.end).indexOf("?.");
    return [{ start, end: start + 2, to: node.computed === true ? "" : "." }];
  },
  CallExpression: ({ node }, text) => methodAltered(node, text),
};

/** All that one thing altered in a text makes of it. What people read in logs and errors is left as it is. */
export function alterationsOf(tree: Node, text: string): { place: Place; change: Change }[] {
  const all: { place: Place; change: Change }[] = [];
  for (const place of placesIn(tree)) {
    if (isToRead(place)) continue;
    const changes = ALTERATIONS[place.node.type]?.(place, text) ?? [];
    for (const change of changes) if (changed(text, change) !== text) all.push({ place, change });
  }
  return all;
}

/** What is written for people to look up later; what is counted raises alarms. */
const LOGGED = /(^|\.)(log|logger|journal)\.(debug|info|warn|error)$/;

/** A sentence for a person: what is logged, an error's message, or anything in either. */
function isToRead({ node, around }: Place): boolean {
  const within = [node, ...around];
  return (
    within.some((one, index) => {
      const callee = calleeOf(one);
      const isCall = one.type === "NewExpression" || one.type === "CallExpression";
      if (!isCall || callee === undefined) return false;
      const isLog = LOGGED.test(callee);
      // Whether it is logged at all is left open, too.
      if (isLog) return true;
      return index > 0 && one.type === "NewExpression" && /(Error|Failure|Refusal)$/.test(callee);
    }) || isStatementOfLog(node)
  );
}

function isStatementOfLog(node: Node): boolean {
  const call = node.type === "ExpressionStatement" ? at(node, "expression") : undefined;
  return call !== undefined && LOGGED.test(calleeOf(call) ?? "");
}

/** What people read, wherever it is said, an expected form as well: the words are not what is tested. SQL is none. */
function isSentence(text: string): boolean {
  const word = "(?:[\\w`'\"-]|\\$\\{[^}]*\\})+[,:.]?";
  return !/^[A-Z]{3,} /.test(text) && new RegExp(`^(?:(?:an?|the) ${word}|${word} ${word} ${word})`).test(text);
}

/** What is taken where nothing is said: that it is taken at all is altered. */
function isDefault([outer]: Node[]): boolean {
  return outer?.type === "AssignmentPattern" || (outer?.type === "LogicalExpression" && outer.operator === "??");
}

/** A figure that somebody has chosen and named: a little more of it is as right. */
function isFigure(around: Node[]): boolean {
  const declared = around.find((node) => node.type === "VariableDeclarator");
  return /^[A-Z][A-Z0-9_]*$/.test(String(declared && at(declared, "id")?.name));
}

function isText({ type, value }: Node): boolean {
  return type === "TemplateLiteral" || (type === "Literal" && typeof value === "string");
}

/** Whether a string names something that the program finds by it: a key, or the type that `typeof` gives. */
function isName(node: Node, [outer]: Node[]): boolean {
  // An element is taken out of its array as a whole.
  if (outer?.type === "ArrayExpression") return true;
  return outer !== undefined && (at(outer, "key") === node || outer.type === "ImportExpression");
}

function decided(test: Node | undefined): Change[] {
  return test === undefined ? [] : [whole(test, "true"), whole(test, "false")];
}

function anchorsLost(node: Node, text: string): Change[] {
  const source = textOf(node, text);
  const last = source.lastIndexOf("/");
  return [
    ...(source.startsWith("/^") ? [{ start: node.start + 1, end: node.start + 2, to: "" }] : []),
    ...(source[last - 1] === "$" ? [{ start: node.start + last - 1, end: node.start + last, to: "" }] : []),
  ];
}

/** What an expression of DynamoDB can wrongly be, where it stands between quotes. */
function within(node: Node, text: string): Change[] {
  const begin = node.start + 1;
  return expressionChanges(text.slice(begin, node.end - 1)).map(({ start, end, to }) => ({
    ...{ start: start + begin, end: end + begin, to },
  }));
}

/** Each of a list, gone together with the comma that goes with it. */
function eachGone(list: Node[]): Change[] {
  return list.map((one, index) => {
    const [before, behind] = [list[index - 1], list[index + 1]];
    if (behind !== undefined) return { start: one.start, end: behind.start, to: "" };
    return { start: before?.end ?? one.start, end: one.end, to: "" };
  });
}

/** Of a property that is a literal, the literal is altered; a method or function is altered inside. */
function isAlteredWhole(node: Node, index: number): boolean {
  const property = listAt(node, "properties")[index];
  const value = property && at(property, "value");
  if (value === undefined) return property?.type === "SpreadElement";
  return !["Literal", "FunctionExpression", "ArrowFunctionExpression", "TemplateLiteral"].includes(value.type);
}

function methodAltered(node: Node, text: string): Change[] {
  const callee = at(node, "callee");
  const [object, property] = [callee && at(callee, "object"), callee && at(callee, "property")];
  if (callee?.type !== "MemberExpression" || callee.computed === true || !object || !property) return [];
  const other = OTHER_METHODS.get(String(property.name));
  if (other === undefined) return [];
  if (other === "") return [whole(node, textOf(object, text))];
  return listAt(node, "arguments").length > 0 ? [whole(property, other)] : [];
}
