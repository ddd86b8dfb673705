import type { Explored, History, Model } from "./model.ts";

/** Pairs of numbers, of which there may be millions. */
class Pairs {
  #from: Int32Array = new Int32Array(1 << 16);
  #to: Int32Array = new Int32Array(1 << 16);
  size = 0;

  add(from: number, to: number): void {
    if (this.size === this.#from.length) {
      this.#from = longer(this.#from);
      this.#to = longer(this.#to);
    }
    this.#from[this.size] = from;
    this.#to[this.size] = to;
    this.size += 1;
  }

  /** Those from whom one comes to `goals`, in however many steps. */
  backwards(goals: Uint8Array): Uint8Array {
    const count = goals.length;
    const starts = new Int32Array(count + 1);
    for (let n = 0; n < this.size; n += 1) starts[this.#to[n]! + 1] = starts[this.#to[n]! + 1]! + 1;
    for (let n = 0; n < count; n += 1) starts[n + 1] = starts[n + 1]! + starts[n]!;
    const sources = new Int32Array(this.size);
    const filled = starts.slice();
    for (let n = 0; n < this.size; n += 1) {
      const to = this.#to[n]!;
      sources[filled[to]!] = this.#from[n]!;
      filled[to] = filled[to]! + 1;
    }
    const reached = goals.slice();
    const queue = new Int32Array(count);
    let end = 0;
    for (let n = 0; n < count; n += 1) if (reached[n]) queue[end++] = n;
    for (let head = 0; head < end; head += 1) {
      const at = queue[head]!;
      for (let n = starts[at]!; n < starts[at + 1]!; n += 1) {
        const source = sources[n]!;
        if (reached[source]) continue;
        reached[source] = 1;
        queue[end++] = source;
      }
    }
    return reached;
  }
}

function longer(numbers: Int32Array): Int32Array {
  const copy = new Int32Array(2 * numbers.length);
  copy.set(numbers);
  return copy;
}

/**
 * Explores every state that a model can come to, those first that fewest steps lead to: so the history that is given for
 * a property that does not hold is a shortest one. Ends there; else, when all were seen, looks from which of them nothing
 * leads to where all is right any more.
 *
 * @param mostStates thrown beyond: a model that has become so large is not to pass by being cut short
 * @throws Error where there are more
 */
export function explore<State>(model: Model<State>, mostStates = 5_000_000): Explored {
  const indexOf = new Map<string, number>([[model.nameOf(model.begin), 0]]);
  const waiting: (State | undefined)[] = [model.begin];
  const parents = [-1];
  const depths = [0];
  const right = [model.isRight(model.begin) ? 1 : 0];
  const cut = [0];
  const edges = new Pairs();
  const found = () => ({ states: waiting.length, transitions: edges.size, depth: depths.at(-1)! });
  const historyTo = (index: number) => replay(model, wayTo(index, parents), indexOf);

  for (let at = 0; at < waiting.length; at += 1) {
    const state = waiting[at]!;
    let broken: { property: string; sentence: string; label: string; state: State } | undefined;
    model.steps(state, (label, next) => {
      const name = model.nameOf(next);
      let index = indexOf.get(name);
      if (index === undefined) {
        index = waiting.length;
        if (index >= mostStates) throw new Error(`${model.name} has more than ${mostStates} states`);
        indexOf.set(name, index);
        waiting.push(next);
        parents.push(at);
        depths.push(depths[at]! + 1);
        right.push(model.isRight(next) ? 1 : 0);
        cut.push(model.isCut?.(next) ? 1 : 0);
      }
      edges.add(at, index);
      if (broken !== undefined) return;
      for (const property of model.properties) {
        const sentence = property.broken(next, state);
        if (sentence === undefined) continue;
        broken = { property: property.name, sentence, label, state: next };
        return;
      }
    });
    if (broken !== undefined) {
      const { property, sentence, label, state: last } = broken;
      const history = [...historyTo(at), { label, looks: model.looks(last) }];
      return { ...found(), broken: { property, sentence, history } };
    }
    waiting[at] = undefined;
  }

  const reached = edges.backwards(Uint8Array.from(right));
  const stuck = reached.findIndex((isReached, at) => !isReached && !cut[at]);
  if (stuck === -1) return found();
  const sentence = "From here on nothing leads to where record and host agree and nothing pends.";
  return { ...found(), broken: { property: CAN_COME_RIGHT, sentence, history: historyTo(stuck) } };
}

/** The property that is not one of a state alone, but of all that may follow it. */
export const CAN_COME_RIGHT = "it can still come right";

/** The states on the way from the first to one, by their indices. */
function wayTo(index: number, parents: number[]): number[] {
  const way: number[] = [];
  for (let at = index; at !== 0; at = parents[at]!) way.unshift(at);
  return way;
}

/** Goes a way once more, since only the states were kept, and tells it. */
function replay<State>(model: Model<State>, way: number[], indexOf: Map<string, number>): History {
  const history: History = [{ label: "It begins.", looks: model.looks(model.begin) }];
  let state = model.begin;
  for (const index of way) {
    let taken: { label: string; next: State } | undefined;
    model.steps(state, (label, next) => {
      if (taken === undefined && indexOf.get(model.nameOf(next)) === index) taken = { label, next };
    });
    if (taken === undefined) throw new Error(`${model.name} does not take the same steps twice`);
    state = taken.next;
    history.push({ label: taken.label, looks: model.looks(state) });
  }
  return history;
}
