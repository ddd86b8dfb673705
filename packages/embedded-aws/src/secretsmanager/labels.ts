import type { Version } from "./secret-store.ts";

/** The labels that Secrets Manager itself moves, or goes by. */
export const CURRENT = "AWSCURRENT";
export const PENDING = "AWSPENDING";
export const PREVIOUS = "AWSPREVIOUS";

/** The version that a label stands on. */
export function holderOf(versions: readonly Version[], label: string): Version | undefined {
  return versions.find(({ stages }) => stages.includes(label));
}

/** Puts a label on a version, off whichever had it; where that is the current one, it becomes the previous one. */
export function attach(versions: readonly Version[], label: string, to: Version): void {
  const former = holderOf(versions, label);
  if (former === to) return;
  if (former !== undefined) detach(former, label);
  to.stages.push(label);
  if (label === CURRENT && former !== undefined) attach(versions, PREVIOUS, former);
}

export function detach(version: Version, label: string): void {
  version.stages = version.stages.filter((one) => one !== label);
}

/** Whether a rotation is under way as Secrets Manager sees it: the pending version is another than the current one. */
export function isPending(versions: readonly Version[]): boolean {
  const pending = holderOf(versions, PENDING);
  return pending !== undefined && pending !== holderOf(versions, CURRENT);
}
