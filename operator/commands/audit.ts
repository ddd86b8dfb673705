import type { Run } from "../context.ts";
import { refused } from "../exits.ts";

export const run: Run = async () => {
  throw refused("not built yet");
};
