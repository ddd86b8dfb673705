import type { Property } from "../model.ts";
import { canAnswer, isKnown } from "./others.ts";
import { generationOf, type State } from "./state.ts";

/** What must hold at every moment (design 6), of one record and its host. */
export const PROPERTIES: Property<State>[] = [
  {
    name: "no lock-out",
    broken(state) {
      const { file, status, current, excepted } = state;
      if (status === "RETIRED" || isKnown(state)) return undefined;
      // Somebody has altered what one side held: a person has it rekeyed.
      if (excepted.disk || excepted.theft || generationOf(current) < excepted.restoredFrom) return undefined;
      // It needs no key to be rekeyed.
      if (canAnswer(state)) return undefined;
      return `The host holds ${file || "no key"}, which its record does not know, and no rekey stands that it can answer.`;
    },
  },
  {
    name: "one successor",
    broken({ known, restores }) {
      // What lay in the record before it was restored is not its any more.
      if (restores > 0) return undefined;
      const generations = known.map(generationOf);
      const twice = known.find((key, at) => generations.indexOf(generationOf(key)) !== at);
      return twice && `Generation ${generationOf(twice)} has had two keys: ${known.join(", ")}.`;
    },
  },
  {
    name: "forward only",
    broken(state, before) {
      const isAltered = state.altered !== before.altered;
      // What is damaged is no key of before: it is locked out.
      if (!isAltered && state.lasting !== "" && generationOf(state.lasting) < generationOf(before.lasting))
        return `The host went back from ${before.lasting} to ${state.lasting}.`;
      if (state.status === "RETIRED" || state.restores !== before.restores) return undefined;
      const isBack = generationOf(state.current) < generationOf(before.current);
      return isBack ? `The record went back from ${before.current} to ${state.current}.` : undefined;
    },
  },
  {
    name: "a promotion is preceded by a proof of that very key",
    broken(state, before) {
      const { current } = state;
      if (current === before.current || current === "" || state.restores !== before.restores) return undefined;
      const isBrought = before.executions.some(({ at, key }) => at === "bringing" && key === current);
      return isBrought || before.receipts.includes(current) ? undefined : `Nobody has proved ${current}.`;
    },
  },
  {
    name: "a quarantine holds",
    broken(state, before) {
      if (before.status !== "QUARANTINED" || state.status !== "QUARANTINED") return undefined;
      const keys = ({ current, pending, rekey, agreed }: State) => `${current} ${pending} ${rekey} ${agreed}`;
      return keys(state) === keys(before) ? undefined : "Its keys were written while it was in quarantine.";
    },
  },
  {
    name: "nobody is told without a cause",
    broken: ({ told }) => (told === "" ? undefined : `${told}.`),
  },
];

export function isRight({ status, current, pending, rekey, file, lasting }: State): boolean {
  if (status === "RETIRED") return true;
  return status === "ACTIVE" && pending === "" && rekey === 0 && file === current && lasting === current;
}
