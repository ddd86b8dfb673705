import { expect, test } from "vitest";
import { introduction } from "../../local/introduction.ts";
import { type Options, readOptions } from "../../local/options.ts";
import { liveArn } from "../../local/roles.ts";

test("what is told to be typed starts a rotation by its alias, as everything does", () => {
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const text = introduction(
    { endpoint: "http://127.0.0.1:1", region: "us-east-1", credentials },
    readOptions([], {}) as Options,
  );
  expect(/start-execution .*--state-machine-arn (\S+)/.exec(text)?.[1]).toBe(liveArn("rotation"));
});
