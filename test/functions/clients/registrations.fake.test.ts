import { fakeRegistrations } from "../../../functions/clients/registrations.fake.ts";
import { registrationsSuite } from "./registrations.suite.ts";

registrationsSuite(() =>
  fakeRegistrations(async (input) => {
    const { answer } = input as { answer?: unknown };
    if (answer === undefined) throw new Error("there is no answer");
    return answer;
  }),
);
