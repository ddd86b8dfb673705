import { beforeAll, expect, test } from "vitest";
import type { Registrations } from "../../../functions/clients/registrations.ts";

/**
 * How every Registrations runs its flow; `makeRegistrations` is called once.
 *
 * @param makeRegistrations of a flow whose output is its input's `answer`, and that fails when there is none
 */
export function registrationsSuite(makeRegistrations: () => Registrations | Promise<Registrations>): void {
  let registrations: Registrations;
  beforeAll(async () => {
    registrations = await makeRegistrations();
  });

  test("the flow's output is returned", async () => {
    const answer = { registered: true, serverPublic: "é", generation: 1 };
    expect(await registrations.run({ id: "0a1b2c", answer })).toEqual(answer);
  });

  test("an output of null is returned as it is", async () => {
    expect(await registrations.run({ answer: null })).toBeNull();
  });

  test("an execution that fails without having told people is an error by name", async () => {
    await expect(registrations.run({ id: "0a1b2c" })).rejects.toMatchObject({ name: "RegistrationCutOff" });
  });
}
