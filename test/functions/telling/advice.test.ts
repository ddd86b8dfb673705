import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ADVICE, adviceFor } from "../../../functions/telling/advice.ts";
import { CREDENTIAL_ADVICE } from "../../../functions/telling/credential-advice.ts";
import { headingsOf } from "../../infra/headings.ts";
import { EC2, EXECUTION, ID } from "../support.ts";

const of = (cause: string) =>
  Object.hasOwn(CREDENTIAL_ADVICE, cause) ? { secret: "orders/db" } : { id: ID, ec2InstanceId: EC2 };
const sections = headingsOf(readFileSync(new URL("../../../docs/runbook.md", import.meta.url), "utf8"));
/** One that nobody foresaw has advice, too. */
const CAUSES = [...Object.keys(ADVICE), "States.Runtime"];

describe.each(CAUSES)("the advice for %s", (cause) => {
  const { title, means, todo, section, command } = adviceFor(cause);

  test("says what it is, what it means and what to do", () => {
    expect(title).toMatch(/^\S.{5,60}[^.]$/);
    for (const sentences of [means, todo]) expect(sentences).toMatch(/^[A-Z].*[.`]$/);
  });

  test("names a section that the runbook has", () => {
    expect(sections, `docs/runbook.md: write a section ${section}, or name another one in advice.ts`).toContain(
      section,
    );
  });

  const about = { ...of(cause), execution: EXECUTION };

  test("types a command in which nothing is left open", () => {
    const typed = command?.(about);
    if (typed === undefined) return;
    expect(typed).toMatch(/^(aws|keyturn) [a-z]/);
    expect(typed).not.toMatch(/undefined|null|NaN|\n|<|>/);
    expect(typed).not.toMatch(/ {2}|\w=(?= |$)|:""|''/);
  });

  test("types none that lacks the name that it is about", () => {
    for (const lacking of [{ execution: EXECUTION }, { id: ID, execution: EXECUTION }, { ...about, id: undefined }]) {
      expect(command?.(lacking) ?? "aws").not.toMatch(/undefined| {2}|\w=(?= |$)|:""|''/);
    }
  });
});

test.each(Object.entries(CREDENTIAL_ADVICE))(
  "the advice for %s has a command about the credential",
  (_, { command }) => {
    expect(command?.({ secret: "orders/db", execution: EXECUTION })).toMatch(/orders\/db|--execution-arn/);
  },
);

test.each(["__proto__", "constructor", "toString"])("%s is a cause like another that nobody foresaw", (cause) => {
  expect(adviceFor(cause)).toEqual(adviceFor("States.Runtime"));
});
