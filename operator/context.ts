import type { ExitCode } from "./exits.ts";
import type { Output } from "./output/output.ts";
import type { Place } from "./place/place.ts";

/** What a command is given. */
export interface Context {
  place: Place;
  out: Output;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Aborted by Ctrl-C. */
  stopped: AbortSignal;
}

/** What a command has come to. */
export interface Outcome {
  code: ExitCode;
  /** Plain data, the one document of `--json`: identifiers, times in milliseconds since 1970, outcomes; never a secret. */
  document: unknown;
  /** The same for people. */
  print(out: Output): void;
}

/** A command, as its module in `commands/` exports it by the name `run`. Values are as commander has parsed them. */
export type Run<Options = Record<string, unknown>> = (
  given: { arguments: string[]; options: Options },
  context: Context,
) => Promise<Outcome>;
