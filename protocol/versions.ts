import { FORMS } from "./forms.ts";

/** The version of an agent that does not say which it is: the first one did not. */
const UNSAID = "0.1.0";

/**
 * The oldest agent that this control plane counts on. An older one goes on proving and turning its key; what it lacks stands
 * here, and people are told of it (AgentTooOld).
 *
 * * 0.2.0 says its version when it registers, writes its samples where the answer tells it to, so that `timeSeries` can be
 *   changed under it, and agrees a new key where a rekey asks for it.
 */
export const OLDEST_AGENT = "0.2.0";

/** Whether `value` is a version of Keyturn: three numbers, such as `0.2.0`. */
export function isVersion(value: unknown): value is string {
  return typeof value === "string" && FORMS.version.test(value);
}

/**
 * Which version an agent is, by what it said.
 *
 * @param said anything; what is no version is as good as nothing
 */
export function agentVersionOf(said: unknown): string {
  return isVersion(said) ? said : UNSAID;
}

/** Whether an agent, by what it said of its version, is older than the oldest that this control plane counts on. */
export function isAgentTooOld(said: unknown): boolean {
  return isOlder(agentVersionOf(said), OLDEST_AGENT);
}

/** Whether one version is older than another: number by number, so that 0.10.0 is newer than 0.9.0. */
export function isOlder(one: string, other: string): boolean {
  const [ours, theirs] = [one, other].map((version) => version.split(".").map(Number));
  const place = ours?.findIndex((number, at) => number !== theirs?.[at]) ?? -1;
  return place !== -1 && (ours?.[place] ?? 0) < (theirs?.[place] ?? 0);
}
