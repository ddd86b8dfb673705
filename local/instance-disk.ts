import { join } from "node:path";
import { systemDisk } from "../agent/disk.ts";
import { type KeyFile, readKeyFile, storeKeyFile } from "../agent/state/key-file.ts";
import { placesIn } from "../agent/state/places.ts";

/** What somebody does who has the disk of an instance here. @param folder the instance's own */
export function diskOf(folder: string): {
  readKeyFile(): Promise<KeyFile>;
  writeKeyFile(file: KeyFile): Promise<void>;
} {
  const path = placesIn(join(folder, "state")).key;
  return {
    async readKeyFile() {
      const file = await readKeyFile(systemDisk, path);
      if (file === undefined) throw new Error(`there is no key file ${path}`);
      return file;
    },
    writeKeyFile: (file) => storeKeyFile(systemDisk, path, file),
  };
}
