import { expect, test } from "vitest";
import { functionName, qualifiedArn } from "../../src/lambda/definition.ts";

const HERE = "arn:aws:lambda:us-east-1:000000000000:function:echo";

test.each([
  ["echo", "echo", HERE],
  ["000000000000:function:echo", "echo", HERE],
  [HERE, "echo", HERE],
  [`${HERE}:$LATEST`, "echo", `${HERE}:$LATEST`],
  ["echo:$LATEST", "echo", `${HERE}:$LATEST`],
])("%s names a function of this place", (given, name, arn) => {
  expect(functionName(given)).toBe(name);
  expect(qualifiedArn(given)).toBe(arn);
});

test.each([HERE.replace("us-east-1", "eu-west-1"), HERE.replace("000000000000", "999999999999")])(
  "%s is a function of another place, and its right is asked for as it stands",
  (given) => {
    expect(functionName(given)).not.toBe("echo");
    expect(qualifiedArn(given)).toBe(given);
  },
);

test("a version or alias that nobody made is no function's name", () => {
  expect(functionName(`${HERE}:nosuch`)).not.toBe("echo");
  expect(qualifiedArn(`${HERE}:nosuch`)).toBe(`${HERE}:nosuch`);
});
