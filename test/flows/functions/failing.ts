/** A function that always fails, with an error that nobody has foreseen. */
export async function handler(): Promise<never> {
  throw Object.assign(new Error("made to fail by a test"), { name: "TestFailure" });
}
