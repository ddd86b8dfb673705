/** Returns what its body says. */
export async function handler(event: { body: string }): Promise<unknown> {
  return JSON.parse(event.body);
}
