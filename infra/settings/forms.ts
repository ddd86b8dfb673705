import * as z from "zod/mini";

// What a setting may be. Each says it in words that go on after the setting's name.

export const whole = (least: number, most: number) =>
  z
    .int(`must be a whole number from ${least} to ${most}`)
    .check(
      z.minimum(least, `must be a whole number from ${least} to ${most}`),
      z.maximum(most, `must be a whole number from ${least} to ${most}`),
    );

export const group = <const Shape extends z.core.$ZodShape>(shape: Shape) =>
  z.strictObject(shape, "must be { … } with the settings that docs/deploying.md lists");

export const oneOf = <const Choice extends string>(choices: readonly Choice[]) =>
  z.enum(choices, `must be ${choices.map((choice) => `"${choice}"`).join(" or ")}`);

export const text = (pattern: RegExp, problem: string) => z.string(problem).check(z.regex(pattern, problem));

export const texts = (isSound: (given: string) => boolean, problem: string) =>
  z.string(problem).check(z.refine(isSound, problem));

/** A text of which a function says what is wrong; of what is no text, `problem` says it. */
export const checked = (problem: string, faultOf: (given: string) => string | undefined) =>
  z.string(problem).check(({ value, issues }) => {
    const message = faultOf(value);
    if (message !== undefined) issues.push({ code: "custom", input: value, message });
  });

/** Whoever writes the same thing twice in a list means another one by the second. */
export const eachOnce = (keyOf: (item: string) => string = (item) => item) =>
  z.check<string[]>(({ value, issues }) => {
    for (const [i, item] of value.entries()) {
      const first = value.findIndex((one) => keyOf(one) === keyOf(item));
      if (first < i) issues.push({ code: "custom", input: item, path: [i], message: `is "${value[first]}" once more` });
    }
  });
