import { type BusEvent, compilePattern, type EventSink, inputFor } from "embedded-aws";
import { functionNameOf } from "../../functions/steps.ts";
import { NAMES, rules } from "../../infra/wiring.ts";
import { flowArn } from "../../local/roles.ts";
import type { HandClock } from "./clock.ts";
import type { DrivenFlows } from "./flows.ts";
import type { Functions } from "./functions.ts";

/** An event; those of people and of AWS Health have an ID by which they are told apart. */
type Raised = Parameters<EventSink["raise"]>[0] & { id?: string };

/** What befalls an event: how often it comes, and how much later, in milliseconds. */
export interface EventFate {
  source: string;
  comes: 0 | 1 | 2;
  lateMs?: number;
}

interface BusParts {
  clock: HandClock;
  flows: () => DrivenFlows;
  functions: () => Functions;
  /** Has it be somebody's turn. */
  turn: () => Promise<unknown>;
  /** Resolves when AWS can be reached. */
  reachable: () => Promise<void>;
}

/** EventBridge with the product's own rules: an event goes to each that it matches, and is held up while AWS is away. */
export class EventBus {
  /** What befalls the next ones of a source; where none is left, each comes once. */
  readonly fates: EventFate[] = [];
  readonly #parts: BusParts;
  readonly #rules = rules(NAMES, flowArn).map((rule) => ({
    ...rule,
    matches: compilePattern(JSON.stringify(rule.pattern)),
  }));

  constructor(parts: BusParts) {
    this.#parts = parts;
  }

  async raise(event: Raised): Promise<void> {
    const { clock, turn } = this.#parts;
    const index = this.fates.findIndex(({ source }) => source === event.source);
    const [{ comes, lateMs = 0 } = { comes: 1 }] = index === -1 ? [] : this.fates.splice(index, 1);
    await turn();
    for (let n = 0; n < comes; n += 1) {
      if (lateMs > 0) await clock.sleep(lateMs);
      await this.#come(event);
    }
  }

  async #come(event: Raised): Promise<void> {
    const { clock, flows, reachable } = this.#parts;
    await reachable();
    const written = busEvent(event, clock.now());
    for (const { target, matches, name } of this.#rules) {
      if (!matches(written)) continue;
      if ("function" in target) {
        await this.#invoke(functionNameOf(target.function), written);
        continue;
      }
      const transformer = { InputPathsMap: target.inputPaths, InputTemplate: target.input };
      const input = JSON.parse(inputFor({ InputTransformer: transformer }, written, { name, arn: name }));
      flows().start(target.flow, input);
    }
  }

  /** Lambda calls a function that an event starts up to three times. */
  async #invoke(functionName: string, event: unknown): Promise<void> {
    const { clock, functions, reachable } = this.#parts;
    for (const waitMs of [60_000, 120_000, 0]) {
      const answer = await functions().invoke(functionName, event);
      if (answer.ok || waitMs === 0) return;
      await clock.sleep(waitMs);
      await reachable();
    }
  }
}

/** An event as AWS puts it on the default bus. */
function busEvent(event: Raised, now: number): BusEvent {
  const place = { account: "000000000000", region: "us-east-1", time: new Date(now).toISOString() };
  return { version: "0", id: "event", ...place, ...event };
}
