import { expect, test } from "vitest";
import { seededRandom } from "../../functions/support.ts";
import { rulesWithout } from "../rules.ts";
import { turningModel } from "./index.ts";
import type { State } from "./state.ts";
import { Walk } from "./walk.ts";

/** Everything that walks may meet at once. */
const BOUNDS = {
  ...{ executions: 2, turns: 2, rotateTo: 4, deaths: true, powerLoss: true, madeUpTickets: 9 },
  ...{
    rekeys: 2,
    helped: false,
    operators: true,
    thefts: 0,
    alteredDisks: 0,
    restores: 0,
    samples: 0,
    forgedSamples: 0,
  },
};
/** `KEYTURN_RUNS=1000` for more. */
const WALKS = Number(process.env.KEYTURN_RUNS ?? 40);
const LONGEST = 120;

const model = turningModel("walks", BOUNDS, rulesWithout());

interface Taken {
  label: string;
  next: State;
}

/** What kind of step it is, whichever keys and tickets its label names. */
const kindOf = ({ label }: Taken) =>
  label
    .replace(/\b(\w?\d\w*\??|none)\b|\?/g, "#")
    .replace(/##/g, "#")
    .replace(/ over #/, "");

/** What ends much, or can come but a few times, comes more rarely, so that walks come far. */
const isEnd = ({ label }: Taken) => /dies|died|lost|power|retires|quarantine|makes|opens/.test(label);

/** A step: one of a kind that was not taken yet, now and then, where there is one. */
function chosen(all: Taken[], kinds: Set<string>, draw: (count: number) => number): Taken | undefined {
  const others = all.filter((one) => !isEnd(one));
  const fresh = all.filter((one) => !kinds.has(kindOf(one)));
  const among = fresh.length > 0 && draw(2) === 0 ? fresh : others.length > 0 && draw(12) > 0 ? others : all;
  return among[draw(Math.max(1, among.length))];
}

test("the real steps and the real agent hold what the model says, after each step of walks through it", async () => {
  const random = seededRandom("walks");
  const draw = (count: number) => random(4).readUInt32BE() % count;
  const kinds = new Set<string>();
  let steps = 0;
  for (let walk = 0; walk < WALKS; walk += 1) {
    const real = await Walk.begin();
    const way: string[] = [];
    let state = model.begin;
    for (let step = 0; step < LONGEST; step += 1) {
      const all: Taken[] = [];
      model.steps(state, (label, next) => all.push({ label, next }));
      const taken = chosen(all, kinds, draw);
      if (taken === undefined) break;
      way.push(taken.label);
      kinds.add(kindOf(taken));
      steps += 1;
      state = taken.next;
      await real.take(taken.label, state).catch((error: Error) => {
        throw new Error([error.message, ...way].join("\n"), { cause: error });
      });
    }
  }
  console.log(`${WALKS} walks of ${steps} steps, of ${kinds.size} kinds`);
  expect(SELDOM.filter((kind) => !kinds.has(kind))).toEqual([]);
});

/** What needs several things to meet, and is not to be missing among the walks. */
const SELDOM = [
  "Another has written the record.",
  "The record does not know that ticket.",
  "The agent asks, and agrees #; the answer is lost.",
  "The agent asks for a key, and is refused: NO_REKEY.",
  "The agent asks for a key, and is refused: QUARANTINED.",
  "The agent refuses: the ticket's proof does not fit.",
  "The agent refuses: the ticket does not lead to the next generation.",
  "The agent takes the lock, and is to answer once more for #.",
  "The power goes, and # has lasted.",
  "The push dies, and is tried again.",
  "Somebody opens a rekey anew, since somebody has answered it #.",
];
