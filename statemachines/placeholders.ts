const PLACEHOLDER = /\$\{(\w+)\}/g;

/** The names of the placeholders `${Name}` in a flow's definition, each once. */
function placeholdersIn(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(PLACEHOLDER), ([, name]) => name ?? ""))];
}

/**
 * Of some values those that a definition has placeholders for.
 *
 * @throws Error that names the first placeholder without a value
 */
export function valuesFor(text: string, values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    placeholdersIn(text).map((name) => {
      const value = values[name];
      if (value === undefined) throw new Error(`A flow has the placeholder \${${name}}, for which there is no value.`);
      return [name, value];
    }),
  );
}

/** A definition with values in the place of its placeholders. @throws Error as `valuesFor` does */
export function fill(text: string, values: Record<string, string>): string {
  const known = valuesFor(text, values);
  return text.replace(PLACEHOLDER, (_, name: string) => known[name] ?? "");
}
