import { format, inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { readCredential } from "../../consumer/credential.ts";
import { expectFailure, MARK } from "./marked.ts";

const FULL = {
  engine: "postgres",
  host: "db.internal",
  username: "orders_a",
  password: MARK,
  dbname: "orders",
  port: 5433,
};

test("the shape that AWS's drivers and rotation functions read", () => {
  expect({ ...readCredential(JSON.stringify({ ...FULL, masterarn: "arn:…" }), "orders/db") }).toEqual(FULL);
});

test.each([
  ["a port as a text", { ...FULL, port: "5433" }, 5433],
  ["no port, of PostgreSQL", { ...FULL, port: undefined }, 5432],
  ["no port, of MySQL", { ...FULL, engine: "mysql", port: undefined }, 3306],
  ["no port, of MariaDB", { ...FULL, engine: "mariadb", port: "" }, 3306],
  ["no port, of something else", { ...FULL, engine: "oracle", port: undefined }, undefined],
  ["no port and no engine", { username: "a", password: "b" }, undefined],
  ["a port that is none", { ...FULL, port: 70_000 }, 5432],
])("%s", (_, secret, port) => expect(readCredential(JSON.stringify(secret), "orders/db").port).toBe(port));

test("printed as a whole, it shows no password; its fields are plain", () => {
  const credential = readCredential(JSON.stringify(FULL), "orders/db");
  for (const shown of [
    JSON.stringify({ credential }),
    inspect({ credential }),
    format("%o %O %j", credential, credential, credential),
  ]) {
    expect(shown).toContain("orders_a");
    expect(shown).not.toContain(MARK);
  }
  expect(credential.password).toBe(MARK);
  expect({ ...credential }).toEqual(FULL);
});

describe("what is no credential is told without what is there", () => {
  test.each([
    [MARK, "no JSON object"],
    [`{"password":"${MARK}"`, "no JSON object"],
    [`"${MARK}"`, "no JSON object"],
    ["null", "no JSON object"],
    [`{"password":"${MARK}"}`, "has no username"],
    [`{"username":"${MARK}"}`, "has no password"],
    [`{"username":"${MARK}","password":1}`, "has no password"],
    [`{"username":"${MARK}","password":""}`, "has no password"],
  ])("%s", (text, words) => {
    let thrown: unknown;
    try {
      readCredential(text, "orders/db");
    } catch (error) {
      thrown = error;
    }
    expectFailure(thrown, words);
  });
});
