import { readdirSync, readFileSync } from "node:fs";
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from "yaml";
import type { Definition } from "./definition.ts";

/** A flow as its file has it. */
export interface FlowFile {
  /** The definition as AWS takes it: JSON, with its placeholders `${Name}` still in it. */
  text: string;
  /** The same as an object; whoever reads it may change it, no part of it is there twice. */
  definition: Definition;
}

const FOLDER = new URL("./", import.meta.url);
const ENDING = ".asl.yaml";

/** The names of all flows that have a file here, in alphabetical order. */
export function flowNames(): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith(ENDING));
  return files.map((file) => file.slice(0, -ENDING.length)).sort();
}

/**
 * Reads a flow's file.
 *
 * @param name e.g. `fleet-rotation`
 * @throws Error that says which flows there are, or what is wrong with the file, and in which line
 */
export function readFlow(name: string): FlowFile {
  const names = flowNames();
  if (!names.includes(name)) throw new Error(`There is no flow "${name}" in statemachines/, only ${names.join(", ")}.`);
  const file = `${name}${ENDING}`;
  const source = readFileSync(new URL(file, FOLDER), "utf8");
  const text = texts.get(source) ?? parseFlow(source, `statemachines/${file}`).text;
  texts.set(source, text);
  return { text, definition: JSON.parse(text) };
}

/** By its source, the text of each flow that was read: a synthesis reads each several times, and YAML takes its time. */
const texts = new Map<string, string>();

/**
 * Makes the definition that AWS takes of a flow's YAML: policies that are written once under a top-level key `x-…` stand
 * wherever an alias names them, and the `x-…` keys are gone. Merge keys (`<<`) are not among what is understood.
 *
 * @param source YAML 1.2
 * @param file what errors call it
 * @throws Error that says what is wrong, and in which line: no YAML, a key twice, an alias without an anchor, or an anchor
 *   that nothing uses
 */
export function parseFlow(source: string, file: string): FlowFile {
  const lines = new LineCounter();
  const fail = (offset: number, problem: string): never => {
    throw new Error(`${file}, line ${lines.linePos(offset).line}: ${problem}`);
  };
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  for (const { pos, message } of [...document.errors, ...document.warnings]) fail(pos[0], message);
  const { contents } = document;
  if (!isMap(contents)) return fail(0, "A flow is a mapping, with StartAt and States in it.");

  checkHolders(contents.items, targetsOf(document, fail), document, fail);

  // The files are ours, so that no number of aliases is an attack.
  const fields = Object.entries(document.toJS({ maxAliasCount: -1 }));
  const text = JSON.stringify(Object.fromEntries(fields.filter(([name]) => !name.startsWith(HOLDER))), null, 2);
  return { text, definition: JSON.parse(text) };
}

const HOLDER = "x-";

type Fail = (offset: number, problem: string) => never;

const startOf = (node: unknown) => (isNode(node) ? (node.range?.[0] ?? 0) : 0);

/** What each alias stands for: what was last anchored above it by its name. An alias by itself looks through it all. */
function targetsOf(document: Document, fail: Fail): Targets {
  const anchors = new Map<string, Anchored>();
  const targets: Targets = new Map();
  visit(document, {
    Node(_, node, path) {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node as Anchored);
        return;
      }
      const name = node.source;
      const target = anchors.get(name);
      if (target === undefined) fail(startOf(node), `Nothing above is anchored as &${name}.`);
      else if (path.includes(target)) fail(startOf(node), `*${name} stands inside of &${name} itself.`);
      else targets.set(node, target);
    },
  });
  return targets;
}

/** What nothing uses is a policy that somebody believes to be in force. */
function checkHolders(fields: Pair[], targets: Targets, document: Document, fail: Fail): void {
  const isHolder = ({ key }: Pair) => isScalar(key) && String(key.value).startsWith(HOLDER);
  const used = new Set<Node>();
  for (const field of fields) if (!isHolder(field)) addTargets(field.value as Node, targets, used);

  for (const { key, value } of fields.filter(isHolder)) {
    if (anchored(value as Node).length === 0) fail(startOf(key), `${key} holds no anchor, so that nothing can use it.`);
  }
  const unused = anchored(document).find((node) => !used.has(node));
  if (unused) {
    const name = unused.anchor;
    fail(startOf(unused), `No state uses &${name}. Write *${name} where it belongs, or take it out.`);
  }
}

type Anchored = Node & { anchor: string };
type Targets = Map<Alias, Anchored>;

function anchored(root: Node | Document): Anchored[] {
  const found: Anchored[] = [];
  visit(root, {
    Node(_, node) {
      if (node.anchor !== undefined) found.push(node as Anchored);
    },
  });
  return found;
}

/** Adds all nodes that the aliases under a node stand for, and so on through those. */
function addTargets(root: Node, targets: Targets, found: Set<Node>): void {
  visit(root, {
    Alias(_, alias) {
      const target = targets.get(alias);
      if (target === undefined || found.has(target)) return;
      found.add(target);
      addTargets(target, targets, found);
    },
  });
}
