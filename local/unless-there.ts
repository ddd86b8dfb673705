/** Waits for a creation, and is content when the thing is there already. */
export async function unlessThere(creation: Promise<unknown>, isThere: new (...args: never[]) => Error): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!(error instanceof isThere)) throw error;
  }
}
