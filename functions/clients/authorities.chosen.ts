import { randomBytes } from "node:crypto";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Maker } from "../shared/neighbours.ts";
import { databaseAuthorities } from "./authorities.databases.ts";

/** For each credential its database, by the engine that the settings name. */
export const authorities: Maker<"authorities"> = () =>
  databaseAuthorities({ secrets: new SecretsManagerClient(), random: randomBytes });
