import type { Run } from "../context.ts";
import { refused } from "../exits.ts";

export const quarantine: Run = async () => {
  throw refused("not built yet");
};
export const release = quarantine;
export const retire = quarantine;
