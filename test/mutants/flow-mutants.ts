import type { FlowName } from "../../infra/wiring.ts";
import type { Definition, Scope, State } from "../../statemachines/definition.ts";

/** A flow's definition with one thing in it altered. */
export interface FlowMutant {
  /** `rotation VerifyHash: Catch[0] Retired → itself` */
  name: string;
  definition: Definition;
}

type Alter = (state: State) => void;

/** All that one thing altered can make of a flow. */
export function flowMutantsOf(flow: FlowName, definition: Definition): FlowMutant[] {
  const mutants: FlowMutant[] = [];
  const add = (name: string, alter: (copy: Definition) => void) => {
    const copy = structuredClone(definition);
    alter(copy);
    mutants.push({ name: `${flow} ${name}`, definition: copy });
  };
  add("TimeoutSeconds × 10", (copy) => {
    copy.TimeoutSeconds *= 10;
  });
  walk(definition, (name, state, scope, path) => {
    for (const [what, alter] of alterationsOf(name, state, scope)) {
      add(`${name}: ${what}`, (copy) => alter(stateAt(copy, path)));
    }
  });
  return mutants;
}

/** The altered things of one state, with what each is called. */
function alterationsOf(name: string, state: State, scope: Scope): [string, Alter][] {
  const all: [string, Alter][] = [];
  const elsewhere = (target: string) => targetsFrom(name, scope).filter((other) => other !== target);
  (state.Retry ?? []).forEach(({ ErrorEquals }, index) => {
    all.push([
      `Retry[${index}] ${ErrorEquals[0]} MaxAttempts 0`,
      ({ Retry }) => Object.assign(Retry?.[index] ?? {}, { MaxAttempts: 0 }),
    ]);
  });
  if (state.TimeoutSeconds !== undefined) {
    const times10 = (limit: number | string | undefined) =>
      typeof limit === "number" ? limit * 10 : limit?.replace(" %}", " * 10 %}");
    all.push(["TimeoutSeconds × 10", (copy) => Object.assign(copy, { TimeoutSeconds: times10(copy.TimeoutSeconds) })]);
  }
  (state.Catch ?? []).forEach(({ ErrorEquals, Next }, index) => {
    const which = `Catch[${index}] ${ErrorEquals[0]}`;
    all.push([`${which} removed`, ({ Catch }) => Catch?.splice(index, 1)]);
    for (const target of elsewhere(Next)) {
      all.push([`${which} → ${target}`, ({ Catch }) => Object.assign(Catch?.[index] ?? {}, { Next: target })]);
    }
    ErrorEquals.slice(1).forEach((error) => {
      const fewer = ErrorEquals.filter((one) => one !== error);
      all.push([
        `${which} without ${error}`,
        ({ Catch }) => Object.assign(Catch?.[index] ?? {}, { ErrorEquals: fewer }),
      ]);
    });
  });
  (state.Choices ?? []).forEach(({ Next }, index) => {
    const set =
      (change: object): Alter =>
      ({ Choices }) =>
        Object.assign(Choices?.[index] ?? {}, change);
    // A Choice must have one rule at least: one that never holds is none.
    all.push([`Choices[${index}] never`, set({ Condition: "{% false %}" })]);
    all.push([`Choices[${index}] always`, set({ Condition: "{% true %}" })]);
    for (const target of elsewhere(Next)) all.push([`Choices[${index}] → ${target}`, set({ Next: target })]);
  });
  for (const field of ["Next", "Default"] as const) {
    const target = state[field];
    if (target === undefined) continue;
    for (const other of elsewhere(target))
      all.push([`${field} → ${other}`, (copy) => Object.assign(copy, { [field]: other })]);
  }
  if (state.MaxConcurrency !== undefined) {
    all.push(["MaxConcurrency removed", (copy) => delete copy.MaxConcurrency]);
    for (const step of [-1, 1]) {
      const by = (limit: unknown) => String(limit).replace(" %}", ` + ${step} %}`);
      all.push([
        `MaxConcurrency + ${step}`,
        (copy) => Object.assign(copy, { MaxConcurrency: by(copy.MaxConcurrency) }),
      ]);
    }
  }
  return [...all, ...lossesOf(state), ...toleranceOf(state)];
}

/** What a state, a choice or a catcher hands on, lost. */
function lossesOf(state: State): [string, Alter][] {
  const places: [string, (copy: State) => { Assign?: unknown; Output?: unknown } | undefined][] = [
    ["", (copy) => copy],
    ...(state.Choices ?? []).map((_, index): (typeof places)[number] => [
      `Choices[${index}] `,
      ({ Choices }) => Choices?.[index],
    ]),
    ...(state.Catch ?? []).map((_, index): (typeof places)[number] => [
      `Catch[${index}] `,
      ({ Catch }) => Catch?.[index],
    ]),
  ];
  return places.flatMap(([where, at]) =>
    (["Assign", "Output"] as const)
      .filter((field) => at(state)?.[field] !== undefined)
      .map((field): [string, Alter] => [`${where}${field} removed`, (copy) => delete at(copy)?.[field]]),
  );
}

/** The numbers of tolerated failures, off by one, and the comparison that reads them. */
function toleranceOf(state: State): [string, Alter][] {
  const off = (what: string, from: RegExp, to: string): [string, Alter][] => {
    const index = (state.Choices ?? []).findIndex(({ Condition }) => from.test(Condition));
    if (index === -1) return [];
    const alter: Alter = ({ Choices }) => {
      const choice = Choices?.[index];
      if (choice) choice.Condition = choice.Condition.replace(from, to);
    };
    return [[what, alter]];
  };
  return [
    ...off("tolerated 5 → 4", /\[5,/, "[4,"),
    ...off("tolerated 5 → 6", /\[5,/, "[6,"),
    ...off("tolerated share + 1", /(\* \$\{ToleratedFailureShare\})/, "$1 + 1"),
    ...off("tolerated share - 1", /(\* \$\{ToleratedFailureShare\})/, "$1 - 1"),
    ...off("tolerated failures: > becomes >=", /(failed) > /, "$1 >= "),
  ];
}

/** Where a transition may wrongly lead: to every end, back to the start, round in a circle, or past the next state. */
function targetsFrom(name: string, { StartAt, States }: Scope): string[] {
  const ends = Object.entries(States).filter(([, { Type }]) => Type === "Succeed" || Type === "Fail");
  const next = States[name]?.Next;
  const overnext = next === undefined ? undefined : (States[next]?.Next ?? States[next]?.Default);
  const targets = [...ends.map(([end]) => end), StartAt, name, ...(overnext === undefined ? [] : [overnext])];
  return [...new Set(targets)];
}

function walk(
  scope: Scope,
  visit: (name: string, state: State, scope: Scope, path: string[]) => void,
  path: string[] = [],
): void {
  for (const [name, state] of Object.entries(scope.States)) {
    visit(name, state, scope, [...path, name]);
    if (state.ItemProcessor) walk(state.ItemProcessor, visit, [...path, name]);
  }
}

function stateAt(definition: Definition, [first = "", ...inner]: string[]): State {
  let state = definition.States[first];
  for (const name of inner) state = state?.ItemProcessor?.States[name];
  if (state === undefined) throw new Error(`there is no state ${[first, ...inner].join("/")}`);
  return state;
}
