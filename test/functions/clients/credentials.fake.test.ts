import { fakeCredentials } from "../../../functions/clients/credentials.fake.ts";
import { fakeRegistry } from "../../../functions/clients/registry.fake.ts";
import { credentialsSuite } from "./credentials.suite.ts";

credentialsSuite(() => ({ credentials: fakeCredentials(), registry: fakeRegistry() }));
