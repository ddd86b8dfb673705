const LONGEST = 500;

/** The cause of a failure as people read it. Lambda puts a JSON text there; people want its message. */
export function readableCause(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause);
    return (typeof errorMessage === "string" ? errorMessage : cause).slice(0, LONGEST);
  } catch {
    // It is plain text already.
    return cause.slice(0, LONGEST);
  }
}
