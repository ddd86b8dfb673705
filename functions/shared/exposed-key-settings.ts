import { readJson } from "./read-json.ts";

/** What is done with an access key that is exposed, as the setting EXPOSED_KEYS has it. */
export interface ExposedKeySettings {
  /** `deactivate` can be undone, `delete` cannot. */
  then: "deactivate" | "delete";
  /** In which Regions it is looked up what was done with the key. */
  regions: string[];
  /** How far back: CloudTrail keeps 90 days. */
  lookBackHours: number;
  /** Whether what was issued to the key's user before is denied everything. */
  denySessions: boolean;
}

/**
 * Reads the setting EXPOSED_KEYS, which the deployment has checked.
 *
 * @throws Error when it is none
 */
export function exposedKeySettingsOf(text: string): ExposedKeySettings {
  const given = readJson(text) as Partial<ExposedKeySettings> | null | undefined;
  if (Array.isArray(given?.regions)) return given as ExposedKeySettings;
  throw new Error(
    "EXPOSED_KEYS must be what is done with exposed keys, as JSON. The deployment sets it; deploy again.",
  );
}
