import { Refusal } from "./refusals.ts";

/** How deep names with dots may nest; AWS's own go to five. */
const DEEPEST = 10;

type Tree = Map<string, Tree | string>;

/**
 * Reads the form of the Query protocol: `Tags.member.1.Key=a` is a list of structures, `Attributes.entry.1.key=a` with
 * `.value` a map. In EC2's dialect `InstanceId.1=a` is the list `InstanceIds`, as the SDK names it.
 *
 * @returns the `Action`, and the other fields as the SDK shows them, every value as text
 * @throws Refusal malformed
 */
export function readQuery(body: Buffer, dialect: "query" | "ec2"): { operation: string; input: unknown } {
  const tree: Tree = new Map();
  for (const [name, value] of new URLSearchParams(body.toString())) put(tree, name.split("."), value);
  const operation = tree.get("Action");
  if (typeof operation !== "string") throw new Refusal("malformed", "The form has no field 'Action'.");
  tree.delete("Action");
  tree.delete("Version");
  return { operation, input: dialect === "ec2" ? ec2Value(tree) : queryValue(tree) };
}

function put(tree: Tree, path: string[], value: string): void {
  if (path.length > DEEPEST) throw new Refusal("malformed", "A field of the form nests too deep.");
  let at = tree;
  for (const name of path.slice(0, -1)) {
    let next = at.get(name);
    if (next === undefined) {
      next = new Map();
      at.set(name, next);
    }
    if (typeof next === "string")
      throw new Refusal("malformed", "A field of the form is both a value and a structure.");
    at = next;
  }
  at.set(path.at(-1) ?? "", value);
}

function queryValue(value: Tree | string): unknown {
  if (typeof value === "string") return value;
  const members = value.get("member");
  if (members instanceof Map) return numbered(members).map(queryValue);
  const entries = value.get("entry");
  if (entries instanceof Map) return Object.fromEntries(numbered(entries).map(readEntry));
  return Object.fromEntries(Array.from(value, ([name, inner]) => [name, queryValue(inner)]));
}

/** Most maps call their halves `key` and `value`; SNS's message attributes `Name` and `Value`. */
function readEntry(entry: Tree | string): [string, unknown] {
  const key = typeof entry === "string" ? undefined : (entry.get("key") ?? entry.get("Name"));
  const value = typeof entry === "string" ? undefined : (entry.get("value") ?? entry.get("Value"));
  if (typeof key !== "string" || value === undefined) {
    throw new Refusal("malformed", "An entry of a map has no key or no value.");
  }
  return [key, queryValue(value)];
}

function ec2Value(value: Tree | string): unknown {
  if (typeof value === "string") return value;
  return Object.fromEntries(
    Array.from(value, ([name, inner]) =>
      inner instanceof Map && inner.has("1") ? [`${name}s`, numbered(inner).map(ec2Value)] : [name, ec2Value(inner)],
    ),
  );
}

function numbered(list: Tree): (Tree | string)[] {
  return Array.from(list)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => item);
}
