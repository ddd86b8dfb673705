/** A function that does nothing: somebody else ends the task that called it. */
export async function handler(): Promise<null> {
  return null;
}
