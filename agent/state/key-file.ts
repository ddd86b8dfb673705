import {
  HOOK_OUTCOMES,
  type HookOutcome,
  isCount,
  isEc2InstanceId,
  isHex64,
  isInstanceId,
  isNonce,
} from "../../protocol/index.ts";
import { type Disk, replaceFile } from "../disk.ts";
import { readJson } from "./read-json.ts";

/** A hook of the last turn; `pending` until it has been run. */
export interface HookProgress {
  name: string;
  outcome: HookOutcome | "pending";
}

/** The key, which of the instance's keys it is, and what is left to do of the turn that led to it. */
export interface KeyFile {
  version: 1;
  id: string;
  ec2InstanceId: string;
  generation: number;
  /** 64 lower-case hexadecimal characters. */
  key: string;
  /** The nonce that the key came from; null for a key that was agreed at registration. */
  nonce: string | null;
  hooks?: HookProgress[];
}

/** What to do about a key that is gone or no good. One that lay in a backup is no better: where it fits, it is old. */
export const A_NEW_KEY =
  "Nothing was changed. Whoever runs the fleet gives this instance a new key by a rekey; it keeps its ID (docs/runbook.md, " +
  "A key has leaked or is lost).";

/** @throws Failure if the file is damaged */
export function readKeyFile(disk: Disk, path: string): Promise<KeyFile | undefined> {
  return readJson<KeyFile>(
    disk,
    path,
    (value) => {
      if (!isInstanceId(value.id)) return "id is malformed";
      if (!isEc2InstanceId(value.ec2InstanceId)) return "ec2InstanceId is malformed";
      if (!isCount(value.generation)) return "generation is malformed";
      if (!isHex64(value.key)) return "key is malformed";
      if (!(value.nonce === null || isNonce(value.nonce))) return "nonce is malformed";
      if (!(value.hooks === undefined || (Array.isArray(value.hooks) && value.hooks.every(isHookProgress)))) {
        return "hooks is malformed";
      }
      return undefined;
    },
    A_NEW_KEY,
  );
}

export function storeKeyFile(disk: Disk, path: string, file: KeyFile): Promise<void> {
  return replaceFile(disk, path, `${JSON.stringify(file)}\n`);
}

function isHookProgress(value: unknown): value is HookProgress {
  if (typeof value !== "object" || value === null || !("name" in value) || !("outcome" in value)) return false;
  return typeof value.name === "string" && ["pending", ...HOOK_OUTCOMES].includes(value.outcome as string);
}
