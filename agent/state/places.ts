import { join } from "node:path";

/** Where things lie in the state folder. */
export interface Places {
  folder: string;
  identity: string;
  key: string;
  /** The key pairs of rekeys that are under way. */
  rekey: string;
  /** Held by whoever works on the files. */
  lock: string;
  /** Held by the daemon, for its life. */
  daemonLock: string;
  /** What the last registration was answered. */
  told: string;
  progress: string;
  hooksLog: string;
}

export function placesIn(folder: string): Places {
  return {
    folder,
    identity: join(folder, "identity.json"),
    key: join(folder, "key.json"),
    rekey: join(folder, "rekey.json"),
    lock: join(folder, "key.lock"),
    daemonLock: join(folder, "daemon.lock"),
    told: join(folder, "told.json"),
    progress: join(folder, "progress.json"),
    hooksLog: join(folder, "hooks.log"),
  };
}
