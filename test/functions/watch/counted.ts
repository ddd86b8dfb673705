/**
 * The same neighbour, of which each call is written down, e.g. `secrets.stages`.
 *
 * @param what the neighbour's name
 */
export function counted<Some extends object>(what: string, object: Some, calls: string[]): Some {
  const entries = Object.entries(object).map(([name, value]) => [
    name,
    typeof value === "function"
      ? (...given: unknown[]) => {
          calls.push(`${what}.${name}`);
          return value.apply(object, given);
        }
      : value,
  ]);
  return Object.fromEntries(entries) as Some;
}
