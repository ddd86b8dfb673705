import { randomBytes } from "node:crypto";
import { fakeNonces } from "../../../functions/clients/nonces.fake.ts";
import { noncesSuite } from "./nonces.suite.ts";

noncesSuite(() => fakeNonces(randomBytes));
