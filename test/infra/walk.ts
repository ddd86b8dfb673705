import type { Synthesized } from "./synthesized.ts";

/** Where in a value something holds, e.g. `Resources.Rule.Properties.EventPattern.detail.error.0`. */
export function placesOf(
  value: unknown,
  holds: (value: unknown, name: string) => boolean,
  path: string[] = [],
): string[] {
  const here = holds(value, path.at(-1) ?? "root") ? [path.join(".")] : [];
  if (typeof value !== "object" || value === null) return here;
  return [...here, ...Object.entries(value).flatMap(([name, inner]) => placesOf(inner, holds, [...path, name]))];
}

/** Logical IDs that a resource refers to. */
export function referencesIn(resource: unknown, all: Record<string, unknown>): string[] {
  const text = JSON.stringify(resource);
  const references = Array.from(text.matchAll(/\$\{(\w+)(?:\.[\w.]+)?\}/g), ([, id]) => id ?? "");
  const { DependsOn = [] } = resource as { DependsOn?: string | string[] };
  return [...new Set([...references, ...[DependsOn].flat()])].filter((id) => id in all);
}

/** The logical IDs of all that a resource needs, also by way of others. */
export function neededBy(id: string, { resources }: Pick<Synthesized, "resources">): Set<string> {
  const needed = new Set(referencesIn(resources[id], resources));
  // The set grows while it is walked.
  for (const other of needed) for (const next of referencesIn(resources[other], resources)) needed.add(next);
  return needed;
}
