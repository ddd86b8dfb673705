import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import type { Context } from "./context.ts";
import { RIGHTS } from "./contract.ts";
import { EXIT, type ExitCode } from "./exits.ts";
import { failureOf } from "./failure.ts";
import { type Output, terminalOutput } from "./output/output.ts";
import { findPlace, type Place } from "./place/place.ts";
import { programOf, type Typed } from "./program.ts";

// `keyturn`: reads what was typed, has the command do it, and says what came of it. Whatever goes wrong is a sentence.

const DATA = fileURLToPath(new URL("../.keyturn", import.meta.url));
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

async function main(args: string[]): Promise<ExitCode> {
  const typed = await read(args);
  if (typeof typed === "number") return typed;
  const out = await terminalOutput({ json: typed.global.json }, process);
  const stopped = new AbortController();
  process.once("SIGINT", () => stopped.abort());
  let place: Place | undefined;
  try {
    place = findPlace(typed.global, process.env);
    return await run(typed, { place, out, now: Date.now, stopped: stopped.signal });
  } catch (error) {
    if (stopped.signal.aborted) return EXIT.interrupted;
    const { name } = typed.spec;
    const failure = failureOf(error, { command: name, place, policy: policyOf(name, place) });
    out.note(`keyturn: ${failure.message}`);
    return failure.code;
  }
}

/** What was typed; an exit code where commander has answered it already. */
async function read(args: string[]): Promise<Typed | ExitCode> {
  let typed: Typed | undefined;
  const program = programOf(version, DATA, (one) => {
    typed = one;
  });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  return typed ?? EXIT.usage;
}

async function run({ spec, arguments: given, options }: Typed, context: Context): Promise<ExitCode> {
  const { run: command } = await spec.load();
  const { code, document, print } = await command({ arguments: given, options: options as never }, context);
  say(document, print, context.out);
  return context.stopped.aborted ? EXIT.interrupted : code;
}

function say(document: unknown, print: (out: Output) => void, out: Output): void {
  if (out.json) out.raw(`${JSON.stringify(document, null, 2)}\n`);
  else print(out);
}

/** The managed policy that has what a command needs, where its name is known. */
function policyOf(command: string, place: Place | undefined): string | undefined {
  const rights = Object.entries<{ policy: string }>(RIGHTS).find(([name]) => name === command)?.[1];
  if (rights === undefined || place === undefined) return undefined;
  return `${place.prefix}-${rights.policy}${place.region === undefined ? "" : `-${place.region}`}`;
}

// A reader that has seen enough, as `head`, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
process.exitCode = await main(process.argv.slice(2));
