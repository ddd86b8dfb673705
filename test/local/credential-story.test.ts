import { expect, test } from "vitest";
import { CredentialStory } from "../../local/credential-story.ts";
import { flowArn } from "../../local/roles.ts";

const SECRET = "orders/db";
const went = (status: string, more: Record<string, unknown> = {}) => ({
  stateMachineArn: flowArn("credential"),
  input: JSON.stringify({ secret: SECRET, token: "v2" }),
  status,
  ...more,
});
const ENDED = "Step Functions Execution Status Change";

test("a turn is told from its beginning to the moment at which the former user is shut", () => {
  const story = new CredentialStory();
  story.countVisits(SECRET, () => ({ connected: 90, refused: 0 }));
  const rotated = (user: string, versionId: string) =>
    story.sentencesFor("Credential Rotated", { secret: SECRET, versionId, user, execution: "one" });
  expect(rotated("orders_b", "v1")).toEqual(["orders/db  is turned: version v1, user orders_b."]);
  expect(story.sentencesFor(ENDED, went("RUNNING"))).toEqual(["orders/db  is being turned; version v2 is pending."]);
  expect(rotated("orders_a", "v2")).toEqual([
    "orders/db  is turned: version v2, user orders_a. orders_b may log in until all have moved.",
  ]);
  const behind = { secret: SECRET, versionId: "v2", consumer: "pool", address: "127.0.0.1", execution: "one" };
  expect(story.sentencesFor("Credential Consumer Behind", behind)).toEqual([
    "orders/db  waits for pool (127.0.0.1): it has not moved.",
  ]);
  const output = JSON.stringify({ outcome: "ROTATED" });
  expect(story.sentencesFor(ENDED, went("SUCCEEDED", { output }))).toEqual([
    "orders/db  all have moved; orders_b is shut. Since the database first let the applications in, it did so 90 times, and refused them never.",
  ]);
});

test("one that fails is told in the words of its execution, and one that has nothing to do is not", () => {
  const story = new CredentialStory();
  const cause = "The credential was not turned: BEHIND in VerifyCredential.";
  expect(story.sentencesFor(ENDED, went("FAILED", { error: "Keyturn.BEHIND", cause }))).toEqual([
    `orders/db  BEHIND: ${cause}`,
  ]);
  const output = JSON.stringify({ outcome: "SUPERSEDED" });
  expect(story.sentencesFor(ENDED, went("SUCCEEDED", { output }))).toEqual([]);
  expect(story.sentencesFor(ENDED, { ...went("RUNNING"), stateMachineArn: flowArn("rotation") })).toEqual([]);
});

test("of a token it is told in its own words", () => {
  const story = new CredentialStory();
  const secret = "shop/token";
  story.countVisits(secret, () => ({ connected: 30, refused: 2 }));
  const rotated = (user: string, versionId: string) =>
    story.sentencesFor("Credential Rotated", { secret, versionId, user, execution: "one" });
  const done = () => {
    const input = JSON.stringify({ secret, token: "v" });
    return story.sentencesFor(ENDED, went("SUCCEEDED", { input, output: JSON.stringify({ outcome: "ROTATED" }) }));
  };
  expect(rotated("token_b", "v1")).toEqual(["shop/token  is turned: version v1, token_b."]);
  const counted = "Since the first one, the API has accepted 30 calls, and refused 2.";
  expect(done()).toEqual([`shop/token  is in force, and no former token is left. ${counted}`]);
  expect(rotated("token_a", "v2")).toEqual([
    "shop/token  is turned: version v2, token_a. token_b is accepted until all have moved.",
  ]);
  expect(done()).toEqual([`shop/token  all have moved; token_b is over. ${counted}`]);
});
