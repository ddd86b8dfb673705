/** How many former states of one thing are kept. */
const KEPT = 100;

/** What things were before each of their changes, for reads that are older than what was done. In memory only. */
export class Past<State> {
  readonly #changes = new Map<string, { at: number; before: State | undefined }[]>();

  /** Notes what a thing was before a change at `at`, in milliseconds since 1970; undefined where it was not there. */
  note(name: string, at: number, before: State | undefined): void {
    const changes = this.#changes.get(name) ?? [];
    this.#changes.set(name, [...changes, { at, before }].slice(-KEPT));
  }

  /** What a thing was at a moment, or what it is now where it has not changed since. */
  asOf(name: string, at: number, now: State | undefined): State | undefined {
    const since = this.#changes.get(name)?.find((change) => change.at > at);
    return since === undefined ? now : since.before;
  }
}
