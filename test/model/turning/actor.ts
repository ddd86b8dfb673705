/** Where something that runs is held up: at a call of a neighbour, or at its end. */
export type Held = { at: string } | { result: unknown } | { error: unknown };

/** Real code that is held up at each of its calls, and goes on by one when it is told to. */
export class Actor {
  #release: (() => void) | undefined;
  #arrive: (held: Held) => void = () => undefined;
  #held: Promise<Held>;

  /** @param run given what each call has to pass first */
  constructor(run: (pass: (name: string) => Promise<void>) => Promise<unknown>) {
    this.#held = new Promise((resolve) => {
      this.#arrive = resolve;
    });
    run((name) => this.#pass(name)).then(
      (result) => this.#arrive({ result }),
      (error: unknown) => this.#arrive({ error }),
    );
  }

  #pass(name: string): Promise<void> {
    return new Promise((resolve) => {
      this.#release = resolve;
      this.#arrive({ at: name });
    });
  }

  /** Where it is held up now. */
  held(): Promise<Held> {
    return this.#held;
  }

  /** Lets it take its call, and go on to the next. */
  async next(): Promise<Held> {
    await this.#held;
    const release = this.#release;
    if (release === undefined) return this.#held;
    this.#release = undefined;
    this.#held = new Promise((resolve) => {
      this.#arrive = resolve;
    });
    release();
    return this.#held;
  }

  /** Goes on to a call of that name, or to its end. */
  async until(name: string): Promise<Held> {
    let held = await this.#held;
    while ("at" in held && held.at !== name) held = await this.next();
    return held;
  }
}

/**
 * A neighbour whose calls of these names are held up first.
 *
 * @param nameOf how a call is told from others of its name
 */
export function heldUp<Client extends object>(
  client: Client,
  names: (keyof Client & string)[],
  pass: (name: string) => Promise<void>,
  nameOf: (name: string, given: unknown[]) => string = (name) => name,
): Client {
  const held = { ...client };
  for (const name of names) {
    const call = client[name] as (...given: unknown[]) => Promise<unknown>;
    Object.assign(held, {
      [name]: async (...given: unknown[]) => {
        await pass(nameOf(name, given));
        return call.apply(client, given);
      },
    });
  }
  return held;
}
