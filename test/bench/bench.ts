// Measures speed and memory, and prints a table: npm run bench -- [start] [rotations] [executions] [watch] [keyturn] [report] [page]
import { forgetAwsSettings } from "../../operator/place/aws-settings.ts";
import { type Measurement, table } from "./measurement.ts";

/** Each measures alone, since all share the machine's cores. */
const BENCHMARKS: Record<string, () => Promise<Measurement[]>> = {
  start: async () => (await import("./start.ts")).measureStart(),
  rotations: async () => (await import("./rotations.ts")).measureRotations(),
  executions: async () => (await import("./executions.ts")).measureExecutions(),
  watch: async () => (await import("./watch.ts")).measureWatch(),
  keyturn: async () => (await import("./keyturn.ts")).measureKeyturn(),
  report: async () => (await import("./report.ts")).measureReport(),
  page: async () => (await import("./page.ts")).measurePage(),
};

const names = process.argv.slice(2);
const unknown = names.find((name) => !Object.hasOwn(BENCHMARKS, name));
if (unknown !== undefined) {
  process.stderr.write(`There is no benchmark "${unknown}"; there are ${Object.keys(BENCHMARKS).join(", ")}.\n`);
  process.exit(2);
}

forgetAwsSettings();
const measurements: Measurement[] = [];
for (const [name, measure] of Object.entries(BENCHMARKS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  process.stderr.write(`Measuring ${name} …\n`);
  measurements.push(...(await measure()));
}
process.stdout.write(`${table(measurements)}\n`);
