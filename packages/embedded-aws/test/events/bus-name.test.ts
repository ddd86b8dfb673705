import { expect, test } from "vitest";
import { busArn, busName } from "../../src/events/rule-store.ts";

const HERE = "arn:aws:events:us-east-1:000000000000:event-bus/default";

test("a bus is named by its name or by its ARN, and is the default one without either", () => {
  for (const given of [undefined, "default", HERE]) expect(busName(given)).toBe("default");
  expect(busArn("default")).toBe(HERE);
});

test.each([HERE.replace("us-east-1", "eu-west-1"), HERE.replace("000000000000", "999999999999")])(
  "%s is a bus of another place, and the right to it is asked for as it stands",
  (given) => {
    expect(busName(given)).toBe(given);
    expect(busArn(busName(given))).toBe(given);
  },
);
