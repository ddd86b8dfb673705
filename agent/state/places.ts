import { join } from "node:path";

/** Where things lie in the state folder. */
export interface Places {
  folder: string;
  identity: string;
  key: string;
  lock: string;
  progress: string;
  hooksLog: string;
}

export function placesIn(folder: string): Places {
  return {
    folder,
    identity: join(folder, "identity.json"),
    key: join(folder, "key.json"),
    lock: join(folder, "key.lock"),
    progress: join(folder, "progress.json"),
    hooksLog: join(folder, "hooks.log"),
  };
}
