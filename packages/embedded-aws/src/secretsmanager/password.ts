import { z } from "zod";
import { invalidParameter, read } from "./refusals.ts";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

const INPUT = z.strictObject({
  PasswordLength: z.int().min(1).max(4096).default(32),
  ExcludeCharacters: z.string().max(4096).default(""),
  ExcludeNumbers: z.boolean().default(false),
  ExcludePunctuation: z.boolean().default(false),
  ExcludeUppercase: z.boolean().default(false),
  ExcludeLowercase: z.boolean().default(false),
  IncludeSpace: z.boolean().default(false),
  RequireEachIncludedType: z.boolean().default(true),
});

/** Answers GetRandomPassword. @throws AwsError InvalidParameterException where no password can be as it is asked for */
export function randomPassword(input: unknown, random: (bytes: number) => Buffer): { RandomPassword: string } {
  const asked = read(INPUT, input);
  const types = [
    asked.ExcludeLowercase ? "" : LOWER,
    asked.ExcludeUppercase ? "" : LOWER.toUpperCase(),
    asked.ExcludeNumbers ? "" : "0123456789",
    asked.ExcludePunctuation ? "" : PUNCTUATION,
    asked.IncludeSpace ? " " : "",
  ].map((type) => [...type].filter((one) => !asked.ExcludeCharacters.includes(one)));
  const included = types.filter(({ length }) => length > 0);
  const all = included.flat();
  if (all.length === 0) throw invalidParameter("No characters are left for the password.");
  const demanded = asked.RequireEachIncludedType ? included : [];
  if (demanded.length > asked.PasswordLength) {
    throw invalidParameter("PasswordLength is too short to have a character of each type.");
  }
  const draw = (most: number) => below(most, random);
  const drawn = demanded.map((type) => type[draw(type.length)] ?? "");
  while (drawn.length < asked.PasswordLength) drawn.push(all[draw(all.length)] ?? "");
  // The demanded ones must not always come first.
  for (let place = drawn.length - 1; place > 0; place -= 1) {
    const other = draw(place + 1);
    [drawn[place], drawn[other]] = [drawn[other] ?? "", drawn[place] ?? ""];
  }
  return { RandomPassword: drawn.join("") };
}

/** A number from 0 to below `most`, each as likely as the others. */
function below(most: number, random: (bytes: number) => Buffer): number {
  const limit = 65_536 - (65_536 % most);
  for (;;) {
    const drawn = random(2).readUInt16BE(0);
    if (drawn < limit) return drawn % most;
  }
}
