/** Whether a value has a form. */
export type Form = (value: unknown) => boolean;

export const isText = (value: unknown): value is string => typeof value === "string";
export const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
export const isTruth = (value: unknown): value is boolean => typeof value === "boolean";

/** Whether it is a moment that can be printed, in milliseconds since 1970. */
export function isMoment(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && !Number.isNaN(new Date(value).getTime());
}

/** An item that somebody may have altered, as an object; an empty one where it is none. */
export function fieldsOf(item: unknown): Record<string, unknown> {
  return typeof item === "object" && item !== null && !Array.isArray(item) ? { ...item } : {};
}

/** Of such an item what has the form that it must have: the rest is left out, as what is not there. */
export function wellFormedIn<Item>(item: unknown, forms: { [Name in keyof Item]?: Form }): Partial<Item> {
  const fields = fieldsOf(item);
  const kept = Object.entries<Form | undefined>(forms).filter(
    ([name, form]) => Object.hasOwn(fields, name) && form?.(fields[name]),
  );
  return Object.fromEntries(kept.map(([name]) => [name, fields[name]])) as Partial<Item>;
}
