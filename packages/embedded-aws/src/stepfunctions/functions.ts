import { createHash } from "node:crypto";
import type { Expression } from "jsonata";
import { type Json, readJson } from "./json.ts";

/** What the functions need from outside. */
export interface FunctionSources {
  /** Milliseconds since 1970. */
  now: () => number;
  /** Random bytes. */
  random: (bytes: number) => Buffer;
}

type Arguments = (Json | undefined)[];

const HASHES: Record<string, string> = {
  "SHA-1": "sha1",
  "SHA-384": "sha384",
  "SHA-256": "sha256",
  "SHA-512": "sha512",
  MD5: "md5",
};

/**
 * Gives an expression the functions that Step Functions adds to JSONata, and takes `$eval` away. Non-integers are
 * rounded towards zero; errors carry JSONata's codes, from which JSONata makes the message.
 */
export function registerFunctions(expression: Expression, sources: FunctionSources): void {
  const register = (name: string, most: number, run: (args: Arguments) => unknown) =>
    expression.registerFunction(name, (...args: Arguments) => {
      if (args.length > most) throw mismatch(name, most + 1);
      return run(args);
    });
  register("partition", 2, ([array, size]) => partition(array, size));
  register("range", 3, ([start, end, step]) => range(start, end, step));
  register("hash", 2, ([text, algorithm]) => hash(text, algorithm));
  register("random", 1, ([seed]) =>
    seed === undefined ? sources.random(6).readUIntBE(0, 6) / 2 ** 48 : seeded(integer(seed, "random", 1)),
  );
  register("uuid", 0, () => uuid(sources.random(16)));
  register("parse", 1, ([text]) => parse(text));
  expression.registerFunction("millis", () => sources.now(), "<:n>");
  expression.registerFunction(
    "now",
    function (picture?: string, timezone?: string) {
      return this.environment.lookup("fromMillis").implementation(sources.now(), picture, timezone);
    },
    "<s?s?:s>",
  );
  expression.assign("eval", undefined);
}

function mismatch(token: string, index: number): object {
  return { code: "T0410", index, token };
}

function invalid(message: string): object {
  return { code: "D3137", message };
}

function integer(value: Json | undefined, name: string, index: number): number {
  if (typeof value !== "number") throw mismatch(name, index);
  return Math.trunc(value);
}

function partition(array: Json | undefined, size: Json | undefined): Json[] | undefined {
  if (array === undefined) return undefined;
  if (!Array.isArray(array)) throw { code: "T0412", index: 1, token: "partition", type: undefined };
  if (array.length === 0) return undefined;
  if (size === undefined) return [array];
  const length = integer(size, "partition", 2);
  if (length < 0) throw invalid("Second argument must be zero or greater");
  if (length === 0) return undefined;
  return Array.from({ length: Math.ceil(array.length / length) }, (_, chunk) =>
    array.slice(chunk * length, (chunk + 1) * length),
  );
}

/** The longest array that an expression may build here; AWS bounds its memory at about this many numbers. */
const LONGEST_RANGE = 873_782;

function range(start: Json | undefined, end: Json | undefined, step: Json | undefined): Json | undefined {
  const first = integer(start, "range", 1);
  const last = integer(end, "range", 2);
  if (step === undefined) return undefined;
  const by = integer(step, "range", 3);
  if (by === 0 || (last - first) * by < 0) return undefined;
  const length = Math.floor((last - first) / by) + 1;
  if (length > LONGEST_RANGE) throw { message: "Expression evaluation memory limit exceeded" };
  // Like any JSONata sequence, a single value stands for itself.
  if (length === 1) return first;
  return Array.from({ length }, (_, index) => first + index * by);
}

function hash(text: Json | undefined, algorithm: Json | undefined): string | undefined {
  if (typeof text !== "string") throw mismatch("hash", 1);
  if (algorithm === undefined) return undefined;
  if (typeof algorithm !== "string") throw mismatch("hash", 2);
  const name = HASHES[algorithm];
  if (name === undefined) {
    throw invalid(`Hash algorithm '${algorithm}' must be one of ${Object.keys(HASHES).join(", ")}`);
  }
  return createHash(name).update(text, "utf8").digest("hex");
}

/** The first double that Java's java.util.Random draws from a seed, which is what AWS answers for a seed. */
function seeded(seed: number): number {
  const mask = (1n << 48n) - 1n;
  let state = (BigInt(seed) ^ 0x5deece66dn) & mask;
  const next = (bits: bigint) => {
    state = (state * 0x5deece66dn + 0xbn) & mask;
    return Number(state >> (48n - bits));
  };
  return (next(26n) * 2 ** 27 + next(27n)) / 2 ** 53;
}

/** A version 4 UUID from 16 random bytes. */
export function uuid(bytes: Buffer): string {
  const hex = Buffer.from(bytes);
  hex[6] = ((hex[6] ?? 0) & 0x0f) | 0x40;
  hex[8] = ((hex[8] ?? 0) & 0x3f) | 0x80;
  return hex.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function parse(text: Json | undefined): Json | undefined {
  if (text === undefined) return undefined;
  if (typeof text !== "string") throw mismatch("parse", 1);
  try {
    return readJson(text);
  } catch {
    throw invalid("Invalid JSON");
  }
}
