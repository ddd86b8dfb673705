import { expect, test } from "vitest";
import { flavourOf, impossibleVerifier, shaCrypt, verifierOf } from "../../../functions/mysql/verifiers.ts";
import { randomOf } from "../postgres/random-of.ts";

test("MariaDB keeps SHA-1 of SHA-1: the example of its documentation", () => {
  // Of PASSWORD('notagoodpwd').
  const verifier = verifierOf("notagoodpwd", "mariadb", randomOf("none"));
  expect(verifier).toBe("3A70EE9FC6594F88CE9E959CD51C5A1C002DC937");
});

test("MySQL keeps SHA-256 of crypt: its hash over a salt of 20 bytes, as a cracker of passwords has it for its tests", () => {
  const salt = Buffer.from("F9CC98CE08892924F50A213B6BC571A2C11778C5", "hex");
  expect(shaCrypt(Buffer.from("hashcat"), salt)).toBe("bTy95Y99eAME1dwEkHOA1ndHGBWz.1bxSSRkuTXFGV/");
});

test.each([
  // Of `openssl passwd -5`.
  ["Hello world!", "saltstring", "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"],
])("crypt's own: %s", (password, salt, hash) => {
  expect(shaCrypt(Buffer.from(password), Buffer.from(salt))).toBe(hash);
});

test("MySQL's is a text of the form that it writes, with a salt that can stand in it", () => {
  for (let n = 0; n < 20; n++) {
    const salt = Buffer.alloc(20, n * 13).fill(0x24, 0, 3);
    const text = Buffer.from(
      verifierOf("a password", "mysql", () => salt),
      "hex",
    );
    expect(text.toString("latin1")).toMatch(/^\$A\$005\$[^\0$]{20}[./0-9A-Za-z]{43}$/s);
    expect(Math.max(...text)).toBeLessThan(0x80);
  }
});

test.each(["mysql", "mariadb"] as const)(
  "an impossible one is of the same form, and another each time: %s",
  (flavour) => {
    const random = randomOf(flavour);
    const [one, other] = [impossibleVerifier(flavour, random), impossibleVerifier(flavour, random)];
    expect(one).not.toBe(other);
    expect(one).toHaveLength(verifierOf("a", flavour, random).length);
    expect(one).toMatch(/^[0-9A-F]+$/);
  },
);

test.each(["", "pässword"])("another password is refused, and not repeated: %j", (password) => {
  for (const flavour of ["mysql", "mariadb"] as const) {
    const making = () => verifierOf(password, flavour, Buffer.alloc);
    expect(making).toThrow(new TypeError("password must be printable ASCII, at least one character"));
  }
});

test.each([
  ["10.11.19-MariaDB-0+deb12u1", "mariadb"],
  ["5.5.5-10.6.4-MariaDB-log", "mariadb"],
  ["8.0.39", "mysql"],
  ["8.4.3-commercial", "mysql"],
])("%s is %s", (version, flavour) => {
  expect(flavourOf(version)).toBe(flavour);
});
