const WHOLE = new Intl.NumberFormat("en-US");

/** A number as people read it, e.g. `5,000`. */
export function number(count: number): string {
  return WHOLE.format(count);
}

/** How many of something there are, e.g. `1 instance`, or `5,000 instances`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}
