import { randomBytes } from "node:crypto";
import { type Clock, systemClock } from "../../src/clock.ts";
import { Credentials } from "../../src/http/credentials.ts";
import type { DispatcherOptions } from "../../src/http/dispatcher.ts";
import type { Faults } from "../../src/http/faults.ts";
import { startServer } from "../../src/http/server.ts";
import type { Principal, RawService, Service } from "../../src/http/service.ts";
import { Rights } from "../../src/iam/rights.ts";
import type { Statement } from "../../src/iam/statement.ts";
import type { Parts } from "../../src/parts.ts";
import { ACCOUNT, REGION } from "../../src/place.ts";
import { Store } from "../../src/store.ts";

export const OPERATOR: Principal = {
  kind: "operator",
  arn: `arn:aws:iam::${ACCOUNT}:user/operator`,
  userId: "AIDAOPERATOR",
};

/** An instance as AWS names it when it signs with its profile. */
export function instancePrincipal(ec2InstanceId: string): Principal {
  return {
    kind: "instance",
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Instance/${ec2InstanceId}`,
    userId: `AROAINSTANCE:${ec2InstanceId}`,
  };
}

/** What an SDK client is made with: here the embedded AWS, on a real account nothing but the Region. */
export interface ClientConfig {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

export interface Embedded {
  config: ClientConfig;
  /** The same for another caller. */
  configFor(principal: Principal): ClientConfig;
  parts: Parts;
  credentials: Credentials;
  /** The sentences that were logged. */
  log: string[];
  close(): Promise<void>;
}

export type EmbeddedOptions = Partial<Omit<DispatcherOptions, "services" | "parts" | "rights">> & {
  folder?: string;
  /** What instances may do; nothing where it is left out. */
  statements?: readonly Statement[];
  clock?: Clock;
  port?: number;
  faults?: Faults;
};

/** Starts the embedded AWS with the services that `build` makes. */
export async function startEmbedded(
  build: (parts: Parts) => (Service | RawService)[],
  { folder, clock = systemClock, port = 0, statements = [], faults, ...options }: EmbeddedOptions = {},
): Promise<Embedded> {
  const log: string[] = [];
  const store = new Store(folder);
  const parts: Parts = {
    store,
    clock,
    random: randomBytes,
    log: (sentence) => log.push(sentence),
    ...(faults && { faults }),
  };
  const credentials = new Credentials(parts);
  const rights = new Rights();
  rights.putForInstances({ name: "Instance", statements });
  const server = await startServer({ port, services: build(parts), credentials, parts, rights, ...options });
  const configFor = (principal: Principal): ClientConfig => ({
    region: REGION,
    endpoint: server.endpoint,
    credentials: credentials.issue(principal, { temporary: principal.kind !== "operator" }),
  });
  return {
    config: configFor(OPERATOR),
    configFor,
    parts,
    credentials,
    log,
    async close() {
      await server.close();
      store.close();
    },
  };
}
