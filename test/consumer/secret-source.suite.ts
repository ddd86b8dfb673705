import { afterAll, beforeAll, expect, test } from "vitest";
import { followToken } from "../../consumer/follow.ts";
import { isRefusedByApi } from "../../consumer/refusals.ts";
import type { SecretSource } from "../../consumer/secret-source.ts";
import { HandClock } from "../agent/fakes/hand-clock.ts";
import { expectFailure, holdsMark, MARK } from "./marked.ts";

/** A source of a secret, and the secret that it reads, as others put it. */
export interface SecretPlace {
  source: SecretSource;
  /** Puts a current version of the secret `orders/db`. */
  put(versionId: string, value: string): void;
  /** From now on reads are refused for this reason, as AWS names it; undefined for no more. */
  refuse(reason: string | undefined): void;
  /** How often the secret was read. */
  reads(): number;
  close(): Promise<void>;
}

/** What all sources of a secret do; `makePlace` is called once. */
export function secretSourceSuite(makePlace: () => SecretPlace | Promise<SecretPlace>): void {
  let place: SecretPlace;
  beforeAll(async () => {
    place = await makePlace();
  });
  afterAll(() => place.close());

  test("a secret that is not there is a failure that says so", async () => {
    await expect(place.source.read()).rejects.toThrow(/could not be read: ResourceNotFoundException/);
  });

  test("the current version is read, with the secret's name, whatever its value is", async () => {
    place.put("7d9b318d-7543-4923-813d-660b51a4553f", '{"username":"a","password":"p@ss wörd/🔑"}');
    expect(await place.source.read()).toEqual({
      secret: "orders/db",
      versionId: "7d9b318d-7543-4923-813d-660b51a4553f",
      text: '{"username":"a","password":"p@ss wörd/🔑"}',
    });
    place.put("424f199b-830c-408f-812e-0c21c02b31c3", "a token");
    expect(await place.source.read()).toMatchObject({
      versionId: "424f199b-830c-408f-812e-0c21c02b31c3",
      text: "a token",
    });
  });

  /** A process that begins to follow the token that is there now, and what it was told. */
  function follow() {
    const told: string[] = [];
    const { source } = place;
    const tell = (sentence: string) => void told.push(sentence);
    const token = followToken({ source, consumer: "web-1", isRefusal: isRefusedByApi, tell, clock: new HandClock() });
    return { told, use: () => token.withToken(async ({ accessToken }) => accessToken) };
  }

  test.each([
    ["no JSON", MARK, "is no JSON object with access_token"],
    ["no token", `{"turn":"${MARK}"}`, "has no access_token"],
    ["a database's login", `{"username":"a","password":"${MARK}"}`, "has no access_token"],
    ["a token that no header can carry", JSON.stringify({ access_token: `${MARK}\r\n` }), "fits into no header"],
    ["a token of another type", `{"access_token":"${MARK}","token_type":"mac"}`, "another token_type than bearer"],
  ])("who follows a token is told of %s, without what is there", async (_, value, words) => {
    place.put("7d9b318d-7543-4923-813d-660b51a4553f", value);
    const { use } = follow();
    expectFailure(await use().catch((error: unknown) => error), words);
  });

  test("who follows a token that has ended is told of it, and has it", async () => {
    const value = { access_token: MARK, token_type: "bearer", expires_at: 1_700_000_000 };
    place.put("424f199b-830c-408f-812e-0c21c02b31c3", JSON.stringify(value));
    const { use, told } = follow();
    expect(await use()).toBe(MARK);
    expect(told).toEqual([expect.stringContaining("the secret orders/db holds has ended")]);
    expect(holdsMark(told.join())).toBe(false);
    place.put("424f199b-830c-408f-812e-0c21c02b31c3", "a token");
  });

  test.each(["ThrottlingException", "AccessDeniedException", "InternalServiceError", "DecryptionFailure"])(
    "a refusal is a failure with AWS's name for it, and one read is one call: %s",
    async (reason) => {
      place.refuse(reason);
      const before = place.reads();
      const failure = await place.source.read().catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: "Failure", message: expect.stringContaining(reason) });
      expect(place.reads()).toBe(before + 1);
      place.refuse(undefined);
      expect(await place.source.read()).toMatchObject({ text: "a token" });
    },
  );
}
