import { dirname } from "node:path";
import type { Disk } from "../../../agent/disk.ts";

export class Crash extends Error {}

interface Contents {
  /** What a reader sees. */
  text: string;
  /** What is left after a loss of power; undefined if nothing was synced yet. */
  lasting: string | undefined;
}

type Change = { set: string; to: Contents } | { rename: string; to: string } | { remove: string };

/**
 * A disk in memory that can die at any of its operations. It tells apart what a reader sees from what outlives a loss
 * of power: the text of a file lasts once the file was synced, its name once the folder was.
 */
export class CrashingDisk implements Disk {
  #names = new Map<string, Contents>();
  #lastingNames = new Map<string, Contents>();
  #unsynced: Change[] = [];
  /** How many changing operations were begun. */
  operations = 0;
  /** Dies when it comes to this one (from 1), in the middle of it if it is a write. */
  crashAt = Number.POSITIVE_INFINITY;

  static with(files: Record<string, string>): CrashingDisk {
    const disk = new CrashingDisk();
    for (const [path, text] of Object.entries(files)) {
      disk.#names.set(path, { text, lasting: text });
      disk.#lastingNames.set(path, { text, lasting: text });
    }
    return disk;
  }

  /** The disk as a new process finds it: nothing is lost. */
  afterProcessDeath(): CrashingDisk {
    const disk = new CrashingDisk();
    disk.#names = new Map(this.#names);
    disk.#lastingNames = new Map(this.#lastingNames);
    disk.#unsynced = [...this.#unsynced];
    return disk;
  }

  /** The disk as it may be after a loss of power: once for each choice of unsynced names that happened to last. */
  afterPowerLoss(): CrashingDisk[] {
    return Array.from({ length: 2 ** this.#unsynced.length }, (_, choice) =>
      this.#afterLossOf((index) => (choice >> index) % 2 === 0),
    );
  }

  /** Of these the one on which nothing lasts that was not synced. */
  afterPowerLossAtWorst(): CrashingDisk {
    return this.#afterLossOf(() => true);
  }

  /** Of these the one on which all names happened to last. */
  afterPowerLossAtBest(): CrashingDisk {
    return this.#afterLossOf(() => false);
  }

  #afterLossOf(isLost: (index: number) => boolean): CrashingDisk {
    const names = new Map(this.#lastingNames);
    this.#unsynced.forEach((change, index) => {
      if (!isLost(index)) apply(names, change);
    });
    const files = [...names].map(([path, contents]) => [path, contents.lasting ?? ""]);
    return CrashingDisk.with(Object.fromEntries(files));
  }

  files(): string[] {
    return [...this.#names.keys()].sort();
  }

  async makeFolder(): Promise<void> {}

  async read(path: string): Promise<string | undefined> {
    return this.#names.get(path)?.text;
  }

  async write(path: string, text: string): Promise<void> {
    const contents: Contents = { text: "", lasting: undefined };
    const half = () => {
      contents.text = text.slice(0, text.length / 2);
      this.#change({ set: path, to: contents });
    };
    this.#begin(half);
    half();
    contents.text = text;
  }

  async sync(path: string): Promise<void> {
    this.#begin();
    const contents = this.#names.get(path);
    if (contents === undefined) throw new Error(`sync of ${path}, which is not there`);
    contents.lasting = contents.text;
  }

  async rename(from: string, to: string): Promise<void> {
    this.#begin();
    this.#change({ rename: from, to });
  }

  async remove(path: string): Promise<void> {
    this.#begin();
    this.#change({ remove: path });
  }

  async syncFolder(path: string): Promise<void> {
    this.#begin();
    this.#lastingNames = new Map([...this.#names].filter(([name]) => dirname(name) === path));
    this.#unsynced = [];
  }

  #begin(halfDone?: () => void): void {
    if (this.operations >= this.crashAt) throw new Crash();
    this.operations += 1;
    if (this.operations < this.crashAt) return;
    halfDone?.();
    throw new Crash();
  }

  #change(change: Change): void {
    apply(this.#names, change);
    this.#unsynced.push(change);
  }
}

function apply(names: Map<string, Contents>, change: Change): void {
  if ("set" in change) names.set(change.set, change.to);
  else if ("remove" in change) names.delete(change.remove);
  else {
    const contents = names.get(change.rename);
    if (contents === undefined) return;
    names.delete(change.rename);
    names.set(change.to, contents);
  }
}
