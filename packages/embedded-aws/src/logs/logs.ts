import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { readInput } from "../http/input.ts";
import { AwsError, type Service } from "../http/service.ts";
import { logFileOf, readLine, STREAM } from "../lambda/log-file.ts";

const MOST_EVENTS = 10_000;

const FILTER_LOG_EVENTS = z.strictObject({
  logGroupName: z.string().min(1).max(512),
  startTime: z.number().min(0).default(0),
  endTime: z.number().min(0).default(Number.POSITIVE_INFINITY),
  filterPattern: z
    .string()
    .regex(/^\s*(?:(?:"[^"]*"|\w[\w.:/-]*)(?:\s+|$))*$/, "the embedded AWS knows only words, and what stands in quotes")
    .default(""),
  limit: z.int().min(1).max(MOST_EVENTS).default(MOST_EVENTS),
  nextToken: z.string().regex(/^\d+$/, "The specified nextToken is invalid.").default("0"),
  interleaved: z.boolean().optional(),
});

/** CloudWatch Logs, as far as one reads what functions print: a group `/aws/lambda/NAME` for each, with one stream. */
export function logsOver(folder: string, isFunction: (name: string) => boolean): Service {
  return {
    signingName: "logs",
    protocol: { kind: "json", version: "1.1" },
    operations: {
      FilterLogEvents(given: unknown) {
        const input = readInput(FILTER_LOG_EVENTS, given, "InvalidParameterException");
        const name = /^\/aws\/lambda\/([\w-]+)$/.exec(input.logGroupName)?.[1];
        if (name === undefined || !isFunction(name)) {
          throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
        }
        const file = logFileOf(folder, name);
        const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
        const terms = Array.from(
          input.filterPattern.matchAll(/"([^"]*)"|(\S+)/g),
          ([, quoted, word]) => quoted ?? word,
        );
        const found = lines.flatMap((line, at) => {
          const { time, message } = readLine(line) ?? {};
          if (time === undefined || message === undefined || at < Number(input.nextToken)) return [];
          if (time < input.startTime || time >= input.endTime) return [];
          if (!terms.every((term = "") => message.includes(term))) return [];
          return { logStreamName: STREAM, timestamp: time, message, ingestionTime: time, eventId: String(at) };
        });
        const next = found[input.limit]?.eventId;
        return { events: found.slice(0, input.limit), searchedLogStreams: [], ...(next && { nextToken: next }) };
      },
    },
  };
}
