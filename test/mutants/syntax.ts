import { parseAst } from "vitest/node";

/** A node of a syntax tree (ESTree with TypeScript). `start` and `end` are places in the text. */
export interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

/** A node, and the nodes around it, the innermost first. */
export interface Place {
  node: Node;
  around: Node[];
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

/** @throws Error where the text is no TypeScript */
export function parse(text: string): Node {
  return parseAst(text, { lang: "ts" }) as unknown as Node;
}

/** The nodes right in a node, in the order of the text. */
export function childrenOf(node: Node): Node[] {
  const values = Object.values(node).flatMap((value) => (Array.isArray(value) ? value : [value]));
  return values.filter(isNode).sort((a, b) => a.start - b.start);
}

/** Every node that does something when the program runs: no types, no imports, no exports of what others export. */
export function* placesIn(node: Node, around: Node[] = []): Generator<Place> {
  if (isOfTypes(node)) return;
  yield { node, around };
  for (const child of childrenOf(node)) yield* placesIn(child, [node, ...around]);
}

/** The expressions that TypeScript wraps, such as `a as B`, run. */
const RUNNING = ["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression"];

function isOfTypes({ type, source, exportKind, importKind }: Node): boolean {
  if (type.startsWith("TS")) return !RUNNING.includes(type);
  return (
    type === "ImportDeclaration" ||
    exportKind === "type" ||
    importKind === "type" ||
    (isNode(source) && type.startsWith("Export"))
  );
}

/** The node in a field, where there is one. */
export function at(node: Node, field: string): Node | undefined {
  const value = node[field];
  return isNode(value) ? value : undefined;
}

/** The nodes of a list in a field: `elements`, `arguments`, `properties`. A hole of an array is none. */
export function listAt(node: Node, field: string): Node[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** `judge`, `turn.turnLocked`: the functions, methods and constants around a place, the outermost first. */
export function whereIs({ around }: Pick<Place, "around">): string {
  const names = around.flatMap((node) => nameOf(node) ?? []);
  return names.reverse().join(".");
}

const NAMING = [
  "FunctionDeclaration",
  "VariableDeclarator",
  "MethodDefinition",
  "PropertyDefinition",
  "ClassDeclaration",
  "Property",
];

function nameOf(node: Node): string | undefined {
  if (!NAMING.includes(node.type)) return undefined;
  // Of an object, only what holds code of its own names a place.
  if (node.type === "Property" && !(at(node, "value")?.type ?? "").includes("Function")) return undefined;
  const named = at(node, "id") ?? at(node, "key");
  return typeof named?.name === "string" ? named.name : undefined;
}

/** `log.error` of the call `log.error(…)`, `Failure` of `new Failure(…)`. */
export function calleeOf(node: Node): string | undefined {
  const callee = at(node, "callee");
  return callee && dotted(callee);
}

function dotted(node: Node): string | undefined {
  if (node.type === "Identifier" || node.type === "PrivateIdentifier") return String(node.name);
  if (node.type === "ThisExpression") return "this";
  if (node.type !== "MemberExpression") return undefined;
  const [object, property] = [at(node, "object"), at(node, "property")];
  if (node.computed === true || property === undefined) return undefined;
  return `${(object && dotted(object)) ?? ""}.${dotted(property)}`;
}
