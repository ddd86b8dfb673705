import { readFileSync } from "node:fs";
import { CommanderError } from "commander";
import { EXIT, type ExitCode } from "./exits.ts";
import { programOf, type Typed, wordsOf } from "./program.ts";

// `keyturn`: reads what was typed. What does it is loaded only then, since a help, a version or a typo needs none of it.

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

async function main(args: string[]): Promise<ExitCode> {
  if (args[0] === "complete" && args[1] === "--") return suggest(args.slice(2));
  const typed = await read(args);
  if (typeof typed === "number") return typed;
  const { perform } = await import("./perform.ts");
  return perform(typed);
}

/** Says what could be typed next: the scripts of `keyturn completion` ask so, and nobody types it. */
async function suggest(words: string[]): Promise<ExitCode> {
  const { suggestions } = await import("./completion.ts");
  process.stdout.write(
    suggestions(
      programOf(version, [], () => undefined),
      words,
    ),
  );
  return EXIT.done;
}

/** What was typed; an exit code where commander has answered it already. */
async function read(args: string[]): Promise<Typed | ExitCode> {
  let typed: Typed | undefined;
  const program = programOf(version, args, (one) => {
    typed = one;
  });
  try {
    await program.parseAsync(wordsOf(args), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  return typed ?? EXIT.usage;
}

// A reader that has seen enough, as `head`, is no failure; and what goes on does not end since nobody reads what is said beside it.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? (process.exitCode ?? EXIT.done) : EXIT.failed);
});
process.stderr.on("error", () => undefined);
// No stack, whatever it is: what `perform` has not made a sentence of becomes one here.
process.on("uncaughtException", (error) => {
  process.stderr.write(`keyturn failed on something that was not foreseen: ${String(error)}. Please report it.\n`);
  process.exit(EXIT.failed);
});
process.exitCode = await main(process.argv.slice(2));
