import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RawAnswer } from "../../local/issuer/behaviour.ts";
import { until } from "../flows/support.ts";
import { startTokenLab, type TokenLab } from "./lab.ts";

/*
 * Whatever an issuer answers, or that it does not: the token in force stays, the secret is free for the next rotation, and people
 * are told. When it is itself again, the credential is turned without anybody's asking.
 */

/** A life of which an eighth, for which a rotation that failed is not tried again at the most, is some seconds. */
const SOON = { lifetimeSeconds: 48 };
const json = (body: object): RawAnswer => ({
  status: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
const token = (more: object) => json({ access_token: "made-up", token_type: "bearer", expires_in: 3600, ...more });

let elsewhere: Server;
let asked = 0;
let lab: TokenLab;
beforeAll(async () => {
  elsewhere = createServer((_, response) => {
    asked += 1;
    response.end(JSON.stringify({ access_token: "elsewhere", token_type: "bearer" }));
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  const one = { tokensPerKey: "one", change: { consumers: [] } } as const;
  const soon = { ...one, change: { ...one.change, ...SOON } };
  const kinds = [
    ...[500, 503].map((status) => ({ ...one, word: `passing${status}` })),
    ...[
      { ...one, word: "answers" },
      { ...one, word: "away" },
      { ...soon, word: "later" },
      { ...one, word: "revoked" },
    ],
  ];
  // The watch looks by itself.
  lab = await startTokenLab(kinds, { settings: { watchSeconds: { looks: 1, proofs: 3600 } } });
});
afterAll(async () => {
  await lab?.close();
  elsewhere.close();
});

test.concurrent("an answer that holds no token: the old one stays, and the secret is free", async () => {
  const credential = lab.of("answers");
  const { behaviour, counts } = credential.issuer.handle;
  const address = elsewhere.address();
  const location = `http://127.0.0.1:${typeof address === "object" && address?.port}/token`;
  const answers: [what: string, answer: RawAnswer, error: string][] = [
    ["HTML", { status: 200, headers: { "content-type": "text/html" }, body: "<h1>Welcome</h1>" }, "AnswerUnfit"],
    ["nothing", { status: 200, body: "" }, "AnswerUnfit"],
    ["a list", json([]), "AnswerUnfit"],
    ["mac", token({ token_type: "mac" }), "AnswerUnfit"],
    ["expires_in of 0", token({ expires_in: 0 }), "AnswerUnfit"],
    ["expires_in of -1", token({ expires_in: -1 }), "AnswerUnfit"],
    ["expires_in of a string", token({ expires_in: "soon" }), "AnswerUnfit"],
    ["a token of 40 kB", token({ access_token: "x".repeat(40_000) }), "AnswerUnfit"],
    ["a redirect to another host", { status: 307, headers: { location }, body: "" }, "AnswerUnfit"],
    ["429, an hour", { status: 429, headers: { "retry-after": "3600" }, body: "" }, "AuthorityPutsOff"],
    ["401", { status: 401, body: JSON.stringify({ error: "invalid_client" }) }, "KeyRefused"],
  ];
  const before = await credential.version();
  for (const [what, answer, error] of answers) {
    behaviour.unfit = answer;
    const end = await credential.ended(await credential.ask());
    expect({ what, error: end.error }).toEqual({ what, error: `Keyturn.${error}` });
    expect(await credential.pending()).toBeUndefined();
    expect(await credential.version()).toEqual(before);
    expect(await credential.answerTo(before)).toBe(200);
  }
  expect(asked).toBe(0);
  expect(counts.token).toBe(answers.length + 1);
  behaviour.unfit = undefined;
  await credential.turn();
  expect(await credential.answerTo(await credential.version())).toBe(200);
});

const mailsOn = (word: string) =>
  lab.fleet.aws.inbox.list().filter(({ subject }) => subject.endsWith(` on ${word}/token`));

test.concurrent.each([500, 503])(
  "an issuer that answers %i for a moment: that very rotation goes on",
  async (status) => {
    const credential = lab.of(`passing${status}`);
    const { behaviour, counts } = credential.issuer.handle;
    const before = counts.token;
    behaviour.unfit = { status, body: "" };
    const asking = await credential.ask();
    await until(() => counts.token > before, "the first try");
    behaviour.unfit = undefined;
    await credential.isTurned(asking);
  },
);

test.concurrent("an issuer that is away during a turn: nothing is turned, people are told, and it goes on by itself", async () => {
  const credential = lab.of("away");
  const before = await credential.version();
  await credential.issuer.handle.goAway("refusing");
  const asking = await credential.ask();
  await until(() => mailsOn("away").length > 0, "the mail");
  expect(mailsOn("away").map(({ subject }) => subject)).toEqual(["Keyturn: AuthorityUnreachable on away/token"]);
  expect(await credential.version()).toEqual(before);
  await credential.issuer.handle.comeBack();
  expect(await credential.answerTo(before)).toBe(200);
  await credential.isTurned(asking);
});

test.concurrent("an issuer that puts off for long: told, and the watch asks again once it may", async () => {
  const credential = lab.of("later");
  const { behaviour } = credential.issuer.handle;
  const before = await credential.version();
  behaviour.putsOff = "3600";
  expect((await credential.ended(await credential.ask())).error).toBe("Keyturn.AuthorityPutsOff");
  await until(() => mailsOn("later").length > 0, "the mail");
  expect([await credential.answerTo(before), await credential.pending()]).toEqual([200, undefined]);
  behaviour.putsOff = undefined;
  await until(async () => (await credential.version()).versionId !== before.versionId, "another version");
  expect(await credential.answerTo(await credential.version())).toBe(200);
});

test.concurrent("a token that was revoked behind our back: the watch has it turned at once, by the other key", async () => {
  const credential = lab.of("revoked");
  const before = await credential.version();
  credential.issuer.handle.revoke(before.password);
  const revokedAt = Date.now();
  await until(async () => (await credential.version()).versionId !== before.versionId, "another version");
  process.stdout.write(
    `a token that was revoked behind our back: refused for ${Date.now() - revokedAt} ms, with a look each second\n`,
  );
  const current = await credential.version();
  expect(await credential.answerTo(current)).toBe(200);
  expect(current.user).not.toBe(before.user);
  await until(() => mailsOn("revoked").length > 0, "the mail");
  expect(mailsOn("revoked").map(({ subject }) => subject)).toEqual(["Keyturn: CredentialMismatch on revoked/token"]);
});
