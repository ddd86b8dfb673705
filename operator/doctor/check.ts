import type { Place } from "../place/place.ts";
import type { Instance } from "../reads/instances.ts";
import type { Caller, Deployment } from "./deployment.ts";
import type { Proofs } from "./proofs.ts";

/** What one question has come to. */
export interface Check extends Found {
  name: string;
}

export interface Found {
  /** `unknown` is what AWS did not say, for want of a right or of a connection. */
  is: "ok" | "attention" | "unknown";
  /** One sentence. */
  says: string;
  /** What to do, in sentences and commands, a line each. */
  todo?: string[];
}

/** What all questions are asked of. */
export interface Patient {
  deployment: Deployment;
  place: Pick<Place, "kind" | "names" | "prefix" | "stack">;
  caller: Caller;
  /** By AWS's clock, in milliseconds since 1970. */
  now: number;
  instances: () => Promise<readonly Instance[]>;
  /** What some of the instances wrote last: asked once, for all who look at it. */
  proofs: () => Promise<Proofs>;
  /** Whether there is a fleet: a deployment can be of exposed access keys alone. */
  hasFleet: boolean;
}

export interface Question {
  name: string;
  /** Without what it makes no sense. */
  needs?: readonly ("account" | "fleet")[];
  ask: (patient: Patient) => Promise<Found>;
}

export const ok = (says: string): Found => ({ is: "ok", says });
export const attention = (says: string, ...todo: string[]): Found => ({ is: "attention", says, todo });

/** Some names, and how many more there are. */
export function listed(names: readonly string[], most = 5): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(", ")} and ${more} more` : names.join(", ");
}

/** The instances whose keys are turned, or are to be. */
export function liveOf(instances: readonly Instance[]): Instance[] {
  return instances.filter(({ status }) => status === "ACTIVE" || status === "NEW");
}
