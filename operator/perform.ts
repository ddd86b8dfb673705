import { setTimeout as pause } from "node:timers/promises";
import type { Context } from "./context.ts";
import { RIGHTS } from "./contract.ts";
import { EXIT, type ExitCode } from "./exits.ts";
import { failureOf } from "./failure.ts";
import { type Output, terminalOutput } from "./output/output.ts";
import { forgetAwsSettings } from "./place/aws-settings.ts";
import { findPlace, type Place } from "./place/place.ts";
import type { Typed } from "./program.ts";

/** How long a command has to say what goes on without it, once Ctrl-C was typed. */
const LAST_WORDS_MS = 300;

/**
 * Has a command do what was typed, and says what came of it. Whatever goes wrong is a sentence on stderr, and stdout is empty
 * then, with --json too. Ctrl-C ends the process at once where the command does not end by itself; a second one, and the system
 * ends it.
 */
export async function perform(typed: Typed): Promise<ExitCode> {
  const out = terminalOutput({ json: typed.global.json }, process);
  const stopped = new AbortController();
  process.once("SIGINT", () => stopped.abort());
  const ended = attempt(typed, out, stopped.signal);
  const code = await Promise.race([ended, givenUp(typed, out, stopped.signal)]);
  // Calls that are under way hold the process up.
  if (stopped.signal.aborted) process.exit(EXIT.interrupted);
  return code;
}

async function givenUp({ spec: { name } }: Typed, out: Output, stopped: AbortSignal): Promise<ExitCode> {
  await new Promise((resolve) => stopped.addEventListener("abort", resolve, { once: true }));
  await pause(LAST_WORDS_MS);
  // The call that starts something may be under way, and nobody takes it back.
  if (policyOf(name) === "operator")
    out.note(`AWS has not answered: what keyturn ${name} asks for may go on without it.`);
  return EXIT.interrupted;
}

async function attempt(typed: Typed, out: Output, stopped: AbortSignal): Promise<ExitCode> {
  let place: Place | undefined;
  try {
    place = findPlace(typed.global, process.env);
    // They would be taken for what runs here, too.
    if (place.running !== undefined) forgetAwsSettings();
    if (place.aside !== undefined) out.note(place.aside);
    return await run(typed, { place, out, now: Date.now, stopped });
  } catch (error) {
    // What a command was doing when it was interrupted has failed by that.
    if (stopped.aborted) return EXIT.interrupted;
    const { name } = typed.spec;
    const failure = failureOf(error, { command: name, place, policy: policyOf(name) });
    out.note(`keyturn: ${failure.message}`);
    return failure.code;
  }
}

async function run({ spec, arguments: given, options }: Typed, context: Context): Promise<ExitCode> {
  const { run: command } = await spec.load();
  const { code, document, print } = await command({ arguments: given, options: options as never }, context);
  if (context.out.json) context.out.raw(`${JSON.stringify(document, null, 2)}\n`);
  else print(context.out);
  return code;
}

/** The policy for people that has what a command needs; undefined where it needs nothing of AWS. */
function policyOf(command: string): string | undefined {
  return Object.entries<{ policy: string }>(RIGHTS).find(([name]) => name === command)?.[1].policy;
}
