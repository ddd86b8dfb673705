import type { Run } from "../context.ts";

/** A command as its help shows it, apart from what it does. */
export interface CommandSpec {
  name: string;
  /** One sentence. */
  does: string;
  /** What it takes, as commander writes it, e.g. `<id...>`, each with what it is, and what it can be where that is known. */
  arguments?: readonly (readonly [usage: string, is: string, choices?: readonly string[]])[];
  options?: readonly OptionSpec[];
  /** Commands that can be typed as they stand; in the place of `a1b2c3` comes an ID of the fleet. */
  examples: readonly string[];
  /** Whether it goes without a deployment: then it is given no account to ask. */
  isLocal?: true;
  /** Its module is loaded when it is typed: the help needs none of the AWS SDK. */
  load: () => Promise<{ run: Run<never> }>;
}

export interface OptionSpec {
  /** As commander writes it, e.g. `--where <test>`. */
  flags: string;
  is: string;
  /** It may be given several times, and its values are a list. */
  isMany?: true;
  /** Reads its value. @throws Stopped (2) with a sentence */
  parse?: (text: string) => unknown;
}
