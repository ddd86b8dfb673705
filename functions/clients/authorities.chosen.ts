import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Maker } from "../shared/neighbours.ts";
import { networkAuthorities } from "./authorities.network.ts";

/** For each credential its database, by the engine that the settings name, or its issuer. */
export const authorities: Maker<"authorities"> = () =>
  networkAuthorities({
    secrets: new SecretsManagerClient(),
    // Where every manager has a secret, what signs tokens is not loaded.
    token: async (asked) => (await import("../postgres/rds-token.ts")).rdsToken(asked),
    random: randomBytes,
    wait,
    now: Date.now,
  });
