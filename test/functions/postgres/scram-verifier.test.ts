import { createHash, createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { scramVerifier } from "../../../functions/postgres/scram-verifier.ts";

/** The example of RFC 7677, section 3: of one log-in, its salt, its messages and the proofs that both sides gave. */
const EXAMPLE = {
  password: "pencil",
  salt: "W22ZaJ0SNY7soEsUEjb6gQ==",
  messages: [
    "n=user,r=rOprNGfwEbeRWgbNEkqO",
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
  ].join(","),
  clientProof: "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  serverSignature: "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
};

test("who has the verifier believes the proof of RFC 7677's example, and gives its signature", () => {
  const verifier = scramVerifier(EXAMPLE.password, (bytes) => {
    expect(bytes).toBe(16);
    return Buffer.from(EXAMPLE.salt, "base64");
  });
  const form = /^SCRAM-SHA-256\$4096:([^$]+)\$([^:]+):(.+)$/.exec(verifier);
  const [, salt, storedKey, serverKey] = form ?? [];
  expect(salt).toBe(EXAMPLE.salt);
  const keyed = (key = "") => createHmac("sha256", Buffer.from(key, "base64")).update(EXAMPLE.messages).digest();
  expect(keyed(serverKey).toString("base64")).toBe(EXAMPLE.serverSignature);
  // The proof is the client's key, hidden by what only who has the stored key can take off again.
  const hiding = keyed(storedKey);
  const clientKey = Buffer.from(EXAMPLE.clientProof, "base64").map((byte, n) => byte ^ (hiding[n] ?? 0));
  expect(createHash("sha256").update(clientKey).digest("base64")).toBe(storedKey);
});

test.each(["", "pässword", "tab\there", "\x7f"])("another password is refused, and not repeated: %j", (password) => {
  const making = () => scramVerifier(password, () => Buffer.alloc(16));
  expect(making).toThrow(new TypeError("password must be printable ASCII, at least one character"));
});
