import { randomBytes } from "node:crypto";
import { fakeVault } from "../../../functions/clients/vault.fake.ts";
import { vaultSuite } from "./vault.suite.ts";

vaultSuite(() => fakeVault(randomBytes));
