/** What changes in one file. */
export interface Edit {
  /** From the root. */
  file: string;
  /**
   * @param text the file as it is; empty where there is none yet
   * @param folder where the copy is, with the edits made before this one
   */
  change: (text: string, folder: string) => string;
}

/** One place of a checklist: what is done there, and what says so when it is left out. */
export interface Place {
  /** As docs/changing.md writes it, e.g. `functions/FLOW/NAME/step.ts`. */
  at: string;
  /** The test file that fails when this place is left out; `types` for the check of types. */
  test: string;
  /** The same as docs/changing.md writes it, where that is another than `test`: of a step's own test. */
  testAt?: string;
  /** What that failure must contain: the file, or the word that is missing. */
  names: string;
  edits: Edit[];
}

/** How something is added: at most eight places, in order. */
export interface Checklist {
  /** The heading in docs/changing.md, e.g. `An alarm`. */
  title: string;
  places: Place[];
}

/**
 * A new file.
 *
 * @param text indented as the code around it, so that nobody takes it for code of the checklist itself
 */
export function made(file: string, text: string): Edit {
  const lines = text.replace(/^\n/, "").replace(/\n *$/, "\n").split("\n");
  const margin = Math.min(...lines.filter((line) => line !== "").map((line) => line.search(/\S/)));
  return { file, change: () => lines.map((line) => line.slice(margin)).join("\n") };
}

/**
 * Text put in front of what is there already.
 *
 * @throws Error when `mark` is not in the file exactly once: the checklist has to follow the file
 */
export function before(file: string, mark: string, text: string): Edit {
  return { file, change: (whole) => only(file, whole, mark).join(`${text}${mark}`) };
}

/** Text put behind what is there already; otherwise like `before`. */
export function after(file: string, mark: string, text: string): Edit {
  return { file, change: (whole) => only(file, whole, mark).join(`${mark}${text}`) };
}

/** Text in place of what is there already; otherwise like `before`. */
export function instead(file: string, mark: string, text: string): Edit {
  return { file, change: (whole) => only(file, whole, mark).join(text) };
}

function only(file: string, whole: string, mark: string): string[] {
  const parts = whole.split(mark);
  if (parts.length !== 2) {
    throw new Error(
      `${file} holds "${mark}" ${parts.length - 1} times and not once: correct test/changing/checklists.`,
    );
  }
  return parts;
}
