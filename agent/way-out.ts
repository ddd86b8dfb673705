/**
 * What to do when the system refuses to do something with a file.
 *
 * @param code as Node names it, e.g. `ENOSPC`
 * @returns a sentence, or undefined where there is nothing to say that the system's own words do not
 */
export function wayOut(code: unknown): string | undefined {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return "The disk is full: make room on it, and the agent goes on.";
    case "EROFS":
      return (
        "The file system is read-only: look for its errors in the kernel's log and mount it writable, or give the " +
        "agent another folder (KEYTURN_STATE_DIR)."
      );
    case "EACCES":
    case "EPERM":
      return "The agent must run as the user who owns the folder.";
    case "EISDIR":
    case "ENOTDIR":
    case "ELOOP":
      return "Something lies there that the agent did not make: look what it is, and take it away.";
    default:
      return undefined;
  }
}

/** The code of what Node's file system says, or undefined if it is something else. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
