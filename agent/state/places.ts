import { join } from "node:path";

/** Where things lie in the state folder. */
export interface Places {
  folder: string;
  identity: string;
  key: string;
  /** Held by whoever works on the files. */
  lock: string;
  /** Held by the daemon, for its life. */
  daemonLock: string;
  progress: string;
  hooksLog: string;
}

export function placesIn(folder: string): Places {
  return {
    folder,
    identity: join(folder, "identity.json"),
    key: join(folder, "key.json"),
    lock: join(folder, "key.lock"),
    daemonLock: join(folder, "daemon.lock"),
    progress: join(folder, "progress.json"),
    hooksLog: join(folder, "hooks.log"),
  };
}
