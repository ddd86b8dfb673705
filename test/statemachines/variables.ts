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
 * The variables that a state reads although some way to it leaves them unassigned.
 *
 * @returns `State: name` for each
 */
export function unassigned({ StartAt, States }: Scope): string[] {
  // What is assigned on every way to a state: begins with nothing known, and shrinks to what all ways share.
  const assigned = new Map<string, Set<string>>([[StartAt, new Set()]]);
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
  return Object.entries(States).flatMap(([name, { ItemProcessor: _inner, ...state }]) =>
    [...variablesIn(state)]
      .filter((variable) => !assigned.get(name)?.has(variable))
      .map((variable) => `${name}: ${variable}`),
  );
}
