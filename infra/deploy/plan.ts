import type { Place } from "../context-keys.ts";
import type { Settings } from "../settings.ts";
import type { PlannedStack } from "../stacks.ts";
import type { Stack } from "./account.ts";
import type { Names } from "./names.ts";

/** What is to be deployed, and where. */
export interface Plan extends Pick<PlannedStack, "id" | "parts"> {
  settings: Settings;
  names: Names;
  place: Place;
  /** The stack that runs; undefined for none, "unknown" when AWS did not say. */
  stack: Stack | undefined | "unknown";
}
