import { expect, test } from "vitest";
import { readLife, readLogin, writeToken, writeValue } from "../../../functions/credential/secret-value.ts";
import { NOW } from "../support.ts";
import { CREDENTIAL, TOKEN_CREDENTIAL } from "./support.ts";

const LOGIN = { user: "orders_a", password: "its password" };

test("a value that was written is read again", () => {
  expect(readLogin(writeValue(LOGIN, CREDENTIAL, undefined), CREDENTIAL)).toEqual(LOGIN);
});

test("a value has the shape that AWS's drivers read, from the settings", () => {
  expect(JSON.parse(writeValue(LOGIN, CREDENTIAL, undefined))).toEqual({
    engine: "postgres",
    host: "db-1.example",
    port: 5432,
    dbname: "orders",
    username: "orders_a",
    password: "its password",
  });
});

test("of the former value stays what is not Keyturn's, and nothing that says where and whom", () => {
  const former = { dbInstanceIdentifier: "orders-1", host: "evil.example", port: 1, engine: "mysql", username: "root" };
  const written = JSON.parse(writeValue(LOGIN, CREDENTIAL, JSON.stringify(former)));
  expect(written).toMatchObject({ dbInstanceIdentifier: "orders-1", host: "db-1.example", port: 5432 });
  expect(written).toMatchObject({ engine: "postgres", username: "orders_a" });
});

test.each(["", "no JSON", "[1]", "null", '"text"'])("a former value %j that is no object adds nothing", (former) => {
  expect(writeValue(LOGIN, CREDENTIAL, former)).toBe(writeValue(LOGIN, CREDENTIAL, undefined));
});

test("what else the value says is passed over", () => {
  const value = { ...{ username: "orders_b", password: "p" }, host: "evil.example", port: 1, owner: "root" };
  expect(readLogin(JSON.stringify(value), CREDENTIAL)).toEqual({ user: "orders_b", password: "p" });
});

test.each([
  ["there is none", undefined],
  ["it is no JSON", "orders_a:p"],
  ["it is a list", '["orders_a","p"]'],
  ["it is null", "null"],
  ["the user is neither of the two", '{"username":"postgres","password":"p"}'],
  ["the user is no text", '{"username":["orders_a"],"password":"p"}'],
  ["it names no user", '{"password":"p"}'],
  ["there is no password", '{"username":"orders_a"}'],
  ["the password is empty", '{"username":"orders_a","password":""}'],
  ["the password is no text", '{"username":"orders_a","password":1}'],
  ["the password holds half a character", '{"username":"orders_a","password":"\\ud800"}'],
])("a value is no login where %s", (_, value) => {
  expect(readLogin(value, CREDENTIAL)).toBeUndefined();
});

const A_TOKEN = { user: "token_b", password: "its.token" };
const LIFE = { from: NOW, to: NOW + 3_600_000 };

test("a token that was written is read again, with its life", () => {
  const value = writeToken(
    A_TOKEN,
    LIFE,
    '{"base_url":"https://api.example","turn":"token_a","access_token":"former"}',
  );
  expect(JSON.parse(value)).toEqual({
    ...{ base_url: "https://api.example", token_type: "bearer", access_token: "its.token", turn: "token_b" },
    ...{ issued_at: NOW / 1000, expires_at: NOW / 1000 + 3600 },
  });
  expect(readLogin(value, TOKEN_CREDENTIAL)).toEqual(A_TOKEN);
  expect(readLife(value)).toEqual(LIFE);
});

test("a token that was there before Keyturn does not say whose turn it is: it is the first one", () => {
  expect(readLogin('{"access_token":"t","expires_in":3600}', TOKEN_CREDENTIAL)).toEqual({
    user: "token_a",
    password: "t",
  });
});

test.each([
  ["there is none yet", "{}"],
  ["it is a database's login", '{"username":"token_a","password":"p"}'],
  ["it names another turn", '{"access_token":"t","turn":"token_c"}'],
  ["its turn is no text", '{"access_token":"t","turn":["token_a"]}'],
  ["it is no text", '{"access_token":1}'],
  ["it is empty", '{"access_token":""}'],
  ["a header could not hold it", '{"access_token":"t\\nx: y"}'],
  ["it has a blank", '{"access_token":"a b"}'],
])("a value is no token where %s", (_, value) => {
  expect(readLogin(value, TOKEN_CREDENTIAL)).toBeUndefined();
});

test.each([
  "{}",
  '{"issued_at":1,"expires_at":"2"}',
  '{"issued_at":"1","expires_at":2}',
  '{"issued_at":2,"expires_at":2}',
  '{"issued_at":-1,"expires_at":2}',
  '{"issued_at":1,"expires_at":1e400}',
])("the value %s does not say how long it is good", (value) => {
  expect(readLife(value)).toBeUndefined();
});
