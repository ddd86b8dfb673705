/** What is explored: from where it begins, each step that may follow a state, and what must hold in all of them. */
export interface Model<State> {
  name: string;
  /** What is limited, and to how much: printed. */
  bounds: Record<string, number | boolean>;
  begin: State;
  /** Tells each step that may follow, always in the same order. */
  steps(state: State, emit: Emit<State>): void;
  /** The same for states that are the same, but for the order of those in them that are alike. */
  nameOf(state: State): string;
  properties: Property<State>[];
  /** Whether record and host agree, and nothing pends. */
  isRight(state: State): boolean;
  /** Whether a bound has cut off what would lead on: such a state need not come right. */
  isCut?(state: State): boolean;
  /** The state for a reader. */
  looks(state: State): string;
}

export type Emit<State> = (label: string, next: State) => void;

/** Something that holds at every moment. */
export interface Property<State> {
  name: string;
  /** @returns what is wrong, in a sentence; undefined where nothing is */
  broken(state: State, before: State): string | undefined;
}

/** A way from the beginning, with what is there after each step. */
export type History = { label: string; looks: string }[];

export interface Explored {
  states: number;
  transitions: number;
  depth: number;
  /** What does not hold, where that is so, by a shortest history. */
  broken?: { property: string; sentence: string; history: History };
}
