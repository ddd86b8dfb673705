const atImport = process.env.COLOUR;

/** Tells what it was given: the event, its variables at import and now, its context. */
export async function handler(event: unknown, context: Record<string, unknown>): Promise<unknown> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  const remaining = (context.getRemainingTimeInMillis as () => number)();
  return { event, atImport, now: process.env.COLOUR, foreign: process.env.SHAPE ?? null, context, remaining };
}
