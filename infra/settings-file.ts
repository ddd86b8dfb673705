import { readFileSync } from "node:fs";
import { checkSettings, type Settings, SettingsError } from "./settings.ts";

/**
 * The settings as cdk.json has them.
 *
 * @throws SettingsError when there is no such file, when it is no JSON, or for what is wrong in the settings
 */
export function readSettings(path: URL = new URL("../cdk.json", import.meta.url)): Settings {
  let content: { context?: { keyturn?: unknown } } | null;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new SettingsError(`cdk.json cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  return checkSettings(content?.context?.keyturn);
}
