#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { systemClock } from "./clock.ts";
import { HELP, parseCommandLine } from "./command-line.ts";
import { systemDisk } from "./disk.ts";
import { Failure, sentenceOf } from "./failure.ts";
import { jsonLog } from "./log.ts";
import { instanceMetadata } from "./metadata.ts";
import { readAgentSettings } from "./settings.ts";
import { placesIn } from "./state/places.ts";
import { REASONS } from "./turn/ticket.ts";
import { VERSION } from "./version.ts";

/** Runs one command and returns the exit code. */
async function main(): Promise<number> {
  const command = parseCommandLine(process.argv.slice(2));
  if ("wrong" in command) {
    process.stderr.write(`keyturn-agent: ${command.wrong}. See keyturn-agent --help.\n`);
    return 2;
  }
  if (command.name === "help" || command.name === "version") {
    process.stdout.write(command.name === "help" ? HELP : `${VERSION}\n`);
    return 0;
  }

  const { settings, forSdk } = readAgentSettings(process.env, readTextFile);
  Object.assign(process.env, forSdk);
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());

  switch (command.name) {
    case "status": {
      const { status } = await import("./commands/status.ts");
      const { text, sound } = await status({
        disk: systemDisk,
        places: placesIn(settings.stateFolder),
        clock: systemClock,
        metadata: instanceMetadata(settings.metadataEndpoint, systemClock),
        series: settings.series,
        user: process.geteuid?.() ?? 0,
      });
      process.stdout.write(text);
      return sound ? 0 : 1;
    }
    case "run": {
      const { run } = await import("./commands/run.ts");
      await run(
        settings,
        jsonLog((line) => process.stdout.write(line), Date.now),
        stop.signal,
      );
      return 0;
    }
    case "turn": {
      const { turnHere } = await import("./commands/turn.ts");
      const log = jsonLog((line) => process.stderr.write(line), Date.now);
      const result = await turnHere(settings, process.env, log, stop.signal);
      process.stdout.write(`${JSON.stringify(result)}\n`);
      if ("receipt" in result) return 0;
      process.stderr.write(`keyturn-agent: ${REASONS[result.refused.reason]} Nothing was changed.\n`);
      return 3;
    }
  }
}

function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new Failure(`Cannot read the settings file ${path}: ${sentenceOf(error)}.`);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  // What was not foreseen is shown by its kind and sentence; a stack trace helps nobody on the instance.
  const what = error instanceof Failure ? "" : `unexpected ${error instanceof Error ? error.name : "failure"}: `;
  process.stderr.write(`keyturn-agent: ${what}${sentenceOf(error)}\n`);
  process.exitCode = 1;
}
// A connection that AWS has not answered yet must not keep an agent that was told to stop.
process.exit();
