/** How many calls are made at once: as many as the SDK has connections. */
export const AT_ONCE = 50;

/**
 * Does something with each item, many at a time, and with all of them although some fail.
 *
 * @throws the first error, once all are done
 */
export async function eachAtOnce<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const left = items.values();
  const errors: unknown[] = [];
  async function worker(): Promise<void> {
    for (const item of left) await work(item).catch((error: unknown) => errors.push(error));
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  if (errors.length > 0) throw errors[0];
}
