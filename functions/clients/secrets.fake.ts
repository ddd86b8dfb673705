import { arnAt } from "../../protocol/index.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../shared/errors.ts";
import type { Oversight, Secrets, Stages } from "./secrets.ts";

const ROTATED_BY = arnAt(
  { partition: "aws", region: "us-east-1", account: "000000000000" },
  "lambda",
  "function:keyturn-credential-rotate",
);

/** A secret in memory. */
interface FakeSecret extends Stages {
  /** By the IDs of versions. */
  values: Map<string, string>;
  kept: Oversight;
}

/** Secrets in memory, and what others do to them. */
export interface FakeSecrets extends Secrets {
  /** Makes a secret whose first version is current. */
  create(secret: string, version: string, value: string): void;
  /** Asks for a rotation: a version is pending, and has no value yet. */
  begin(secret: string, version: string): void;
  /** Makes a value current by somebody's hand. */
  putCurrent(secret: string, version: string, value: string): void;
  delete(secret: string): void;
  /** Alters how a secret is kept. */
  keep(secret: string, change: Partial<Oversight>): void;
  /** The values of all versions of all secrets. */
  everyValue(): string[];
  /** What was asked for, oldest first. */
  asked: { secret: string; token: string }[];
  /** Has reads show what is so now, until the function given is called. */
  fallBehind(): () => void;
}

/** Secrets that behave as Secrets Manager's do. */
export function fakeSecrets(): FakeSecrets {
  const secrets = new Map<string, FakeSecret>();
  let seen = secrets;
  const asked: FakeSecrets["asked"] = [];

  /** @throws Error ResourceNotFoundException */
  function demand(name: string): FakeSecret {
    const found = secrets.get(name);
    if (found === undefined) throw missing("secret");
    return found;
  }

  function makeCurrent(secret: FakeSecret, version: string): void {
    if (secret.current === version) return;
    secret.predecessor = secret.current;
    secret.current = version;
  }

  const stages: Secrets["stages"] = async (name) => {
    const found = seen.get(name);
    return found && { current: found.current, pending: found.pending, predecessor: found.predecessor };
  };

  return {
    stages,
    read: async (name, version) => seen.get(name)?.values.get(version),

    async putPending(name, version, value) {
      if ((await stages(name))?.pending !== version) return "not-pending";
      const secret = demand(name);
      const there = secret.values.get(version);
      if (there !== undefined) return there === value ? "put" : "other";
      secret.values.set(version, value);
      secret.pending = version;
      return "put";
    },

    async promote(name, version, { from }) {
      const secret = demand(name);
      if (!secret.values.has(version)) throw missing("secret version");
      if (secret.current === from) {
        makeCurrent(secret, version);
        return true;
      }
      const current = (await stages(name))?.current;
      if (current !== undefined && current !== from) return current === version;
      throw new StepError(TEMPORARILY_UNAVAILABLE, `It is not to be seen yet which version of ${name} is current.`);
    },

    async dropPending(name, version) {
      const secret = secrets.get(name);
      if (secret?.pending !== version) return false;
      secret.pending = undefined;
      return true;
    },

    async askForRotation(name, token) {
      const secret = demand(name);
      const { pending, current } = secret;
      if (pending === token || asked.some((one) => one.secret === name && one.token === token)) return "asked";
      if (pending !== undefined && pending !== current) return "under-way";
      asked.push({ secret: name, token });
      secret.pending = token;
      secret.kept = { ...secret.kept, rotatedBy: ROTATED_BY };
      return "asked";
    },

    oversight: async (name) => seen.get(name)?.kept,

    asked,

    everyValue: () => [...secrets.values()].flatMap(({ values }) => [...values.values()]),

    create(name, version, value) {
      const none = { pending: undefined, predecessor: undefined };
      const kept = { rotatedBy: ROTATED_BY, policy: undefined };
      secrets.set(name, { ...none, current: version, values: new Map([[version, value]]), kept });
    },

    begin(name, version) {
      demand(name).pending = version;
    },

    putCurrent(name, version, value) {
      const secret = demand(name);
      secret.values.set(version, value);
      makeCurrent(secret, version);
    },

    delete: (name) => void secrets.delete(name),

    keep(name, change) {
      const secret = demand(name);
      secret.kept = { ...secret.kept, ...change };
    },

    fallBehind() {
      seen = structuredClone(secrets);
      return () => {
        seen = secrets;
      };
    },
  };
}

/** What is not there, as the SDK names it. */
function missing(what: string): Error {
  return Object.assign(new Error(`Secrets Manager can't find the specified ${what}.`), {
    name: "ResourceNotFoundException",
  });
}
