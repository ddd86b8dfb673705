import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database, Login } from "../../../consumer/example/database.ts";
import { isRefusedByPostgres } from "../../../consumer/refusals.ts";

/** What PostgreSQL says to a wrong password, and to a user who may not log in. */
const POSTGRES_SAYS = {
  wrong: { code: "28P01", message: 'password authentication failed for user "orders_a"' },
  shut: { code: "28000", message: 'role "orders_b" is not permitted to log in' },
};

/** A database, and what its administrators do to it. */
export interface DatabasePlace {
  database: Database;
  /** Where it is. */
  at: Pick<Login, "host" | "port" | "database" | "tls">;
  /** What it says of a wrong password of orders_a's, and of orders_b who is shut; as PostgreSQL if it is left out. */
  says?: { wrong: object; shut: object };
  /** How its refusals are told apart; as PostgreSQL's if it is left out. */
  isRefusal?: (error: unknown) => boolean;
  /** Makes a user, or gives one another password. */
  setPassword(user: string, password: string): void | Promise<void>;
  /** The user may log in no longer. */
  shut(user: string): void | Promise<void>;
  /** By what names they were seen who tried to log in, in order. */
  applications(): string[] | Promise<string[]>;
  /** The last that is done: it is not there any more. */
  goAway(): void | Promise<void>;
  close(): void | Promise<void>;
}

/** What all databases do, as this example uses them; `makePlace` is called once. */
export function databaseSuite(makePlace: () => DatabasePlace | Promise<DatabasePlace>): void {
  let place: DatabasePlace;
  beforeAll(async () => {
    place = await makePlace();
  });
  afterAll(() => place.close());

  const isRefusal = (error: unknown) => (place.isRefusal ?? isRefusedByPostgres)(error);
  const ask = (user: string, password: string) =>
    place.database.ask({ ...place.at, user, password, application: "web-1" });

  test("who logs in is told as whom, and was seen by the name of the application", async () => {
    await place.setPassword("orders_a", "first");
    expect(await ask("orders_a", "first")).toEqual({ user: "orders_a" });
    expect((await place.applications()).at(-1)).toBe("web-1");
  });

  test("a wrong and a former password are refused, in the server's words", async () => {
    await place.setPassword("orders_a", "second");
    const error = await ask("orders_a", "first").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject((place.says ?? POSTGRES_SAYS).wrong);
    expect(isRefusal(error)).toBe(true);
    expect(await ask("orders_a", "second")).toEqual({ user: "orders_a" });
  });

  test("a user who may not log in any more is refused", async () => {
    await place.setPassword("orders_b", "third");
    await place.shut("orders_b");
    const error = await ask("orders_b", "third").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject((place.says ?? POSTGRES_SAYS).shut);
    expect(isRefusal(error)).toBe(true);
  });

  test("a database that is away is no refusal", async () => {
    await place.goAway();
    const error = await ask("orders_a", "second").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
    expect(isRefusal(error)).toBe(false);
  });
}
