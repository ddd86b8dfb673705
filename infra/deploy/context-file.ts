import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { SettingsError } from "../settings/error.ts";

/** What CDK has looked up and written down, and so have we: `cdk.context.json`. */
export interface ContextFile {
  /** @throws SettingsError when the file cannot be read */
  read(key: string): unknown;
  /** @throws SettingsError when the file cannot be written */
  write(key: string, value: string): void;
}

/** The file beside cdk.json; none is there until something was looked up. */
export function contextFile(path: URL = new URL("../../cdk.context.json", import.meta.url)): ContextFile {
  function all(): Record<string, unknown> {
    if (!existsSync(path)) return {};
    let content: unknown;
    try {
      content = JSON.parse(readFileSync(path, "utf8"));
    } catch (error) {
      throw new SettingsError(`cdk.context.json cannot be read: ${error instanceof Error ? error.message : error}`);
    }
    if (typeof content === "object" && content !== null && !Array.isArray(content)) {
      return content as Record<string, unknown>;
    }
    throw new SettingsError("cdk.context.json cannot be read: it must be { … }. Put it back, or remove it.");
  }
  return {
    read: (key) => all()[key],
    write(key, value) {
      const text = `${JSON.stringify({ ...all(), [key]: value }, undefined, 2)}\n`;
      try {
        writeFileSync(path, text);
      } catch (error) {
        throw new SettingsError(
          `cdk.context.json cannot be written: ${error instanceof Error ? error.message : error}`,
        );
      }
    },
  };
}
