import { fakeRegistry } from "../../../functions/clients/registry.fake.ts";
import { registrySuite } from "./registry.suite.ts";

registrySuite(() => fakeRegistry());
