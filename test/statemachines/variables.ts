import type { Scope, State } from "./definitions.ts";

/** The names of the variables that an expression or template reads: `$states`, functions and their parameters apart. */
export function variablesIn(template: unknown): Set<string> {
  const expressions = JSON.stringify(template ?? null).match(/\{%.*?%\}/g) ?? [];
  const names = new Set<string>();
  for (const expression of expressions) {
    const text = expression.replace(/\$\{\w+\}/g, "0");
    const parameters = [...text.matchAll(/function\s*\(([^)]*)\)/g)].flatMap(([, list]) => list?.match(/\w+/g) ?? []);
    for (const [, name = ""] of text.matchAll(/\$([A-Za-z_]\w*)(?!\w|\s*\()/g)) {
      if (name !== "states" && !parameters.includes(name)) names.add(name);
    }
  }
  return names;
}

/** Where a state may lead, and what is assigned on that way. */
function waysFrom(state: State): { to: string; assigns: string[] }[] {
  const way = (to: string | undefined, assign: object | undefined) =>
    to === undefined ? [] : [{ to, assigns: Object.keys(assign ?? {}) }];
  return [
    ...way(state.Next, state.Assign),
    ...way(state.Default, state.Assign),
    ...(state.Choices ?? []).flatMap((choice) => way(choice.Next, choice.Assign)),
    ...(state.Catch ?? []).flatMap((handler) => way(handler.Next, handler.Assign)),
  ];
}

/**
 * The variables that a state reads although some way to it leaves them unassigned. Those inside of a Map may read what is
 * assigned around it, but for a Distributed one.
 *
 * @param outside what is assigned around these states
 * @returns `State: name` for each
 */
export function unassigned({ StartAt, States }: Scope, outside = new Set<string>()): string[] {
  // What is assigned on every way to a state: begins with nothing known, and shrinks to what all ways share.
  const assigned = new Map<string, Set<string>>([[StartAt, outside]]);
  const waiting = [StartAt];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const before = assigned.get(name) ?? new Set();
    for (const { to, assigns } of waysFrom(States[name] as State)) {
      const here = new Set([...before, ...assigns]);
      const known = assigned.get(to);
      const shared = known === undefined ? here : new Set([...known].filter((one) => here.has(one)));
      if (known !== undefined && shared.size === known.size) continue;
      assigned.set(to, shared);
      waiting.push(to);
    }
  }
  return Object.entries(States).flatMap(([name, { ItemProcessor: inner, ...state }]) => [
    ...[...variablesIn(state)]
      .filter((variable) => !assigned.get(name)?.has(variable))
      .map((variable) => `${name}: ${variable}`),
    ...(inner === undefined ? [] : unassigned(inner, isInline(inner) ? assigned.get(name) : undefined)),
  ]);
}

function isInline({ ProcessorConfig }: Scope): boolean {
  return ProcessorConfig?.Mode !== "DISTRIBUTED";
}

/** The names that states assign to, those inside of their Maps apart. */
export function assignedIn({ States }: Scope): Set<string> {
  const handlers = Object.values(States).flatMap((state) => [state, ...(state.Choices ?? []), ...(state.Catch ?? [])]);
  return new Set(handlers.flatMap(({ Assign }) => Object.keys(Assign ?? {})));
}

/**
 * The variables inside of a Map that have the name of one around it, which Step Functions refuses: where it is to be read which
 * one is meant, nobody could tell.
 *
 * @returns `Map: name` for each
 */
export function assignedTwice(scope: Scope, outside = new Set<string>()): string[] {
  const names = new Set([...outside, ...assignedIn(scope)]);
  return Object.entries(scope.States).flatMap(([name, { ItemProcessor: inner }]) => {
    if (inner === undefined || !isInline(inner)) return [];
    const twice = [...assignedIn(inner)].filter((variable) => names.has(variable));
    return [...twice.map((variable) => `${name}: ${variable}`), ...assignedTwice(inner, names)];
  });
}
