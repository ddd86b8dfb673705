import { parseArgs } from "node:util";

/** What is wanted of a run. */
export interface Wanted {
  /** Names of areas; none for all. */
  areas: string[];
  /** The one file, or flow, whose mutants are tried. */
  file?: string;
  /** How many are drawn of those, by which seed. */
  sample?: { count: number; seed: string };
  /** Whether what a former run has found stays found. */
  resume: boolean;
  verbose: boolean;
}

/** @throws Error with a sentence for whoever typed it, where an option or an area is none */
export function wantedOf(args: string[], areas: string[]): Wanted {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      file: { type: "string" },
      sample: { type: "string" },
      seed: { type: "string", default: "1" },
      resume: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
    },
  });
  const unknown = positionals.filter((name) => !areas.includes(name));
  if (unknown.length > 0) throw new Error(`There is no area ${unknown.join(", ")}; there are ${areas.join(", ")}.`);
  const count = Number(values.sample);
  if (values.sample !== undefined && !(Number.isInteger(count) && count > 0)) {
    throw new Error(`--sample takes how many mutants are drawn, not ${values.sample}.`);
  }
  return {
    areas: positionals,
    ...(values.file !== undefined && { file: values.file }),
    ...(values.sample !== undefined && { sample: { count, seed: values.seed } }),
    resume: values.resume,
    verbose: values.verbose,
  };
}
