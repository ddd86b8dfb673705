import { fakeAuthorities } from "../../../functions/clients/authorities.fake.ts";
import { authoritiesSuite } from "./authorities.suite.ts";
import { credentialOf } from "./credential-of.ts";

authoritiesSuite(() => ({
  authorities: fakeAuthorities(),
  credentials: [
    credentialOf({ name: "orders/db" }),
    credentialOf({ name: "bills/db", owner: "bills", users: ["bills_a", "bills_b"] }),
  ],
  turnManager: () => undefined,
}));
