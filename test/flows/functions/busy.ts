let calls = 0;

/** A function that AWS throttles twice before it does what the real one does. */
export async function handler(event: unknown, context: unknown): Promise<unknown> {
  calls += 1;
  if (calls <= 2) throw Object.assign(new Error("AWS asks for patience"), { name: "TemporarilyUnavailable" });
  const real = await import("../../../functions/rotation/read-time-series/lambda.ts");
  return real.handler(event as never, context as never);
}
