/** A type of the SDK's model: a number for a scalar, or a kind with its namespace, its name, its traits, and what it holds. */
export type Shape =
  | number
  | (() => Shape)
  | [of: Shape, traits: unknown]
  | [kind: number, space: string, ...rest: unknown[]];
export type Kind = [kind: number, space: string, name: string, traits: unknown, first: unknown, second: unknown];

/** For each member of a type, also of structures in it, its path and the least input that holds it. */
export function samples(shape: Shape, depth = 0): [path: string, value: unknown][] {
  if (typeof shape === "function") return samples(shape(), depth);
  if (typeof shape === "number") return [["", scalar(shape)]];
  if (typeof shape[1] !== "string") return samples(shape[0] as Shape, depth);
  const [kind, , name, , first, second] = shape as Kind;
  // An item's attributes are data, and no parameters.
  if (name === "AttributeValue") return [["", { S: "1" }]];
  if (kind === 0) return samples(first as Shape, depth);
  if (kind === 1) return samples(first as Shape, depth).map(([path, value]) => [path, [value]]);
  if (kind === 2) return samples(second as Shape, depth).map(([path, value]) => [path, { key: value }]);
  if (depth > 4) return [];
  return (first as string[]).flatMap((member, at) =>
    samples((second as Shape[])[at] ?? 0, depth + 1).map(([path, value]): [string, unknown] => [
      path === "" ? member : `${member}.${path}`,
      { [member]: value },
    ]),
  );
}

function scalar(type: number): unknown {
  if (type >= 128) return { key: scalar(type - 128) };
  if (type >= 64) return [scalar(type - 64)];
  if (type === 0) return "x";
  if (type === 1) return 1;
  if (type === 2) return true;
  if (type <= 7) return new Date(0);
  return new Uint8Array([1]);
}
