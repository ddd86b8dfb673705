/** A computer, as Node describes it: `linux` or `darwin`, `x64` or `arm64`, and Node's version without a `v`. */
export interface Here {
  platform: string;
  arch: string;
  version: string;
}

// What they do stands in node-path.mjs, which an older Node reads as it is; without an argument they speak of this computer.
export function isEnough(here?: Here): boolean;
export function fetchedNodePath(here?: Here): string | undefined;
export function whyNotHere(here?: Here): string | undefined;
export function nodePath(): string | undefined;
export function whatIsMissing(here?: Here): string;
