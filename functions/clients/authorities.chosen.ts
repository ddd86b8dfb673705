import { randomBytes } from "node:crypto";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Maker } from "../shared/neighbours.ts";
import { databaseAuthorities } from "./authorities.databases.ts";

/** For each credential its database, by the engine that the settings name. */
export const authorities: Maker<"authorities"> = () =>
  databaseAuthorities({
    secrets: new SecretsManagerClient(),
    // Where every manager has a secret, what signs tokens is not loaded.
    token: async (asked) => (await import("../postgres/rds-token.ts")).rdsToken(asked),
    random: randomBytes,
  });
