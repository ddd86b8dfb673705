import { expect, test } from "vitest";
import { introduction } from "../../local/introduction.ts";
import { type Options, readOptions } from "../../local/options.ts";
import { liveArn } from "../../local/roles.ts";

test("what is told to be typed starts a rotation by its alias, as everything does", () => {
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const text = introduction(
    { endpoint: "http://127.0.0.1:1", region: "us-east-1", credentials, page: "http://127.0.0.1:9/#token=t" },
    readOptions([], {}) as Options,
  );
  expect(/start-execution .*--state-machine-arn (\S+)/.exec(text)?.[1]).toBe(liveArn("rotation"));
});

const AWS = {
  endpoint: "http://127.0.0.1:1",
  region: "us-east-1",
  credentials: { accessKeyId: "a", secretAccessKey: "b" },
  page: "http://127.0.0.1:9/#token=t",
};

test("what keyturn is asked goes to the data folder that was named, as a shell takes it", () => {
  expect(introduction(AWS, readOptions([], {}) as Options)).toContain("\n  npx keyturn fleet\n");
  const elsewhere = introduction(AWS, readOptions(["--data", "it's here"], {}) as Options);
  expect(elsewhere).toContain(`\n  npx keyturn --data 'it'\\''s here' fleet\n`);
});

test("where a credential is shared it says so, with the pages; where there is no database it says why; else nothing", () => {
  const options = readOptions([], {}) as Options;
  const shared = introduction(AWS, options, { ports: { database: 2, web: 3, pool: 4 }, turnedAfterSeconds: 30 });
  for (const part of ["http://127.0.0.1:3/", "http://127.0.0.1:4/", "--secret-id orders/db"])
    expect(shared).toContain(part);
  expect(introduction(AWS, options, { missing: "It is not installed." })).toContain(
    "There is no database with a credential to turn: It is not installed.\n",
  );
  expect(introduction(AWS, options)).not.toMatch(/database|orders/);
});

test("where a token is shared it says so, with its page and what to type", () => {
  const options = readOptions([], {}) as Options;
  const text = introduction(AWS, options, undefined, { ports: { issuer: 5, cart: 6 }, turnedAfterSeconds: 30 });
  for (const part of ["port 5", "http://127.0.0.1:6/", "rotate-secret", "--secret-id shop/token"]) {
    expect(text).toContain(part);
  }
  expect(introduction(AWS, options)).not.toMatch(/token issuer|shop/);
});

test("with --expose it says what is going to happen, and what to type; else nothing of it", () => {
  const text = introduction(AWS, readOptions(["--expose"], {}) as Options);
  for (const part of ["a thief finds an access key", "--user-name deployer", liveArn("exposed-key")]) {
    expect(text).toContain(part);
  }
  expect(introduction(AWS, readOptions([], {}) as Options)).not.toMatch(/deployer|exposed/);
});
