import { readFileSync } from "node:fs";
import { SettingsError } from "./error.ts";

/**
 * What cdk.json holds as the settings, unchecked.
 *
 * @throws SettingsError when there is no such file, or when it is no JSON
 */
export function givenSettings(path: URL = new URL("../../cdk.json", import.meta.url)): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new SettingsError(
      `cdk.json cannot be read: ${messageOf(error)}. Put it back (git checkout cdk.json), and your settings into it.`,
    );
  }
  let content: { context?: { keyturn?: unknown } } | null;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new SettingsError(`cdk.json is no JSON: ${messageOf(error)}. Mend it there.`);
  }
  return content?.context?.keyturn;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
