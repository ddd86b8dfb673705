import { describe, expect, test } from "vitest";
import { explore } from "./breadth-first.ts";
import { CONFIGURATIONS, configurationOf } from "./configurations.ts";
import { RULES, type Rule, rulesWithout } from "./rules.ts";
import { SHOWN } from "./shown.ts";
import { told } from "./told.ts";

describe("every state that can be come to holds what the design says, and can still come right", () => {
  test.each(CONFIGURATIONS)("$name", ({ make }) => {
    const model = make(rulesWithout(), false);
    const explored = explore(model);
    console.log(told(model, explored));
    expect(explored.broken, told(model, explored)).toBeUndefined();
  });
});

describe("each rule is needed: without it, a shortest history leads to what must not be", () => {
  test.each(Object.keys(RULES) as Rule[])("%s", (rule) => {
    const { configuration, property } = SHOWN[rule];
    const { broken } = explore(configurationOf(configuration).make(rulesWithout(rule), false));
    expect(broken?.property, RULES[rule]).toBe(property);
    console.log(
      `without ${rule}: ${broken?.sentence} ${broken?.history.length} steps: npm run model -- --without ${rule}`,
    );
  });
});
