/** What a definition says, as far as it is drawn: the Amazon States Language. Whatever else stands in it is left alone. */
export interface Scope {
  StartAt: string;
  States: Record<string, State>;
  ProcessorConfig?: { Mode?: string };
}

export interface State {
  Type: string;
  Comment?: string;
  Next?: string;
  Default?: string;
  Choices?: { Next?: string }[];
  ItemProcessor?: Scope;
  /** What an ItemProcessor was called before. */
  Iterator?: Scope;
  Branches?: Scope[];
}

/** The states inside of a state. */
export function scopesIn({ ItemProcessor, Iterator: former, Branches = [] }: State): Scope[] {
  return [ItemProcessor ?? former ?? [], Branches].flat();
}

/** Of a definition, that part in which a state stands: itself, or what is inside of a Map or Parallel; undefined where it is in none. */
export function scopeWith(scope: Scope, state: string): Scope | undefined {
  if (Object.hasOwn(scope.States, state)) return scope;
  for (const inner of Object.values(scope.States).flatMap(scopesIn)) {
    const found = scopeWith(inner, state);
    if (found !== undefined) return found;
  }
  return undefined;
}
