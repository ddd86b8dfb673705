import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { files, ROOT } from "../shape/sources.ts";
import type { Edit } from "./checklist.ts";

/** A copy of the tree, to be changed and thrown away. Its packages are those of the tree. */
export class Copy {
  readonly folder = mkdtempSync(join(tmpdir(), "keyturn-changing-"));
  readonly #changed = new Set<string>();

  constructor() {
    for (const file of [".gitignore", ...files("**/*").filter(isFile)])
      cpSync(join(ROOT, file), join(this.folder, file));
    const packages = join(this.folder, "node_modules");
    mkdirSync(packages);
    for (const name of readdirSync(join(ROOT, "node_modules")).filter((one) => !one.startsWith(".vite"))) {
      symlinkSync(join(ROOT, "node_modules", name), join(packages, name));
    }
    // Where the Node of the machine is too old, the one that `npm ci` fetched is what `npm start` needs.
    const node24 = "tools/node24/node_modules";
    if (existsSync(join(ROOT, node24))) symlinkSync(join(ROOT, node24), join(this.folder, node24));
    // Our own packages are linked to their folders: here, to those of the copy.
    for (const manifest of files("packages/*/package.json")) {
      const { name } = JSON.parse(readFileSync(join(ROOT, manifest), "utf8"));
      rmSync(join(packages, name), { force: true });
      symlinkSync(join(this.folder, dirname(manifest)), join(packages, name));
    }
  }

  /** Makes the tree as it is with these edits and no others. */
  apply(edits: readonly Edit[]): void {
    for (const file of this.#changed) this.#write(file, original(file));
    this.#changed.clear();
    for (const { file, change } of edits) {
      const path = join(this.folder, file);
      this.#write(file, change(existsSync(path) ? readFileSync(path, "utf8") : "", this.folder));
      this.#changed.add(file);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #write(file: string, text: string | undefined): void {
    const path = join(this.folder, file);
    if (text === undefined) rmSync(path, { force: true });
    else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
}

function isFile(file: string): boolean {
  return statSync(join(ROOT, file)).isFile();
}

function original(file: string): string | undefined {
  const path = join(ROOT, file);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
