import { expect, test } from "vitest";
import { NAMES } from "../../infra/wiring.ts";
import { files, read } from "./sources.ts";

const HOME = "infra/wiring.ts";
/** Where the names stand that people are told to type. */
const TYPED = "functions/shared/names.ts";

/** A name that is a word of its own, such as `samples`, may stand elsewhere and mean something else. */
const names = Object.entries(NAMES).filter(([, value]) => /[-/]/.test(value));

/** Where ARNs are put together. */
const ARNS = "protocol/arn.ts";

test("ARNs are put together in one place", () => {
  const others = files("{agent,consumer,events,functions,infra,local,operator,protocol}/**/*.ts")
    .filter((file) => file !== ARNS)
    .filter((file) => /["'`]arn:?(\$|["'`])|["'`]arn:aws[\w-]*:\w|\bformatArn\(|\bArn\.format\(/.test(read(file)));
  expect(others, `Let arnAt of ${ARNS} put the ARN together: it takes no partition for granted`).toEqual([]);
});

test("a name of something deployed is typed once", () => {
  expect(names.length).toBeGreaterThan(5);
  const twice = files("{agent,consumer,functions,infra,local,operator,statemachines}/**/*.ts")
    .filter((file) => file !== HOME && file !== TYPED)
    .flatMap((file) =>
      names
        .filter(([, value]) => new RegExp(`(?<![\\w-])${value}(?![\\w-])`).test(read(file)))
        .map(([key, value]) => `${file}: ${value} is NAMES.${key}`),
    );
  expect(
    twice,
    `Take the name from NAMES in ${HOME}, or in functions/ from ${TYPED}: one that is typed again stays behind when it changes`,
  ).toEqual([]);
});
