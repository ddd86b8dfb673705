// One life of an embedded AWS over a folder: prints its endpoint when it is ready, and runs until its death.
//   life.ts FOLDER DEATH      (as JSON, see process.ts)
import { setTimeout as pause } from "node:timers/promises";
import { Faults, startAws } from "embedded-aws";
import { BEING_REACHED } from "../../infra/rights/instances.ts";
import { deploy } from "./deployment.ts";

const [folder = "", deathText = "{}"] = process.argv.slice(2);
const death = JSON.parse(deathText) as { atWrite?: number; moment?: string; atCallBySeed?: string };
/** About one call in so many is the last one. */
const CALLS_A_LIFE = 150;

let left = death.atWrite ?? 0;

const aws = await startAws({
  folder,
  instanceRole: { name: "Reached", statements: [BEING_REACHED] },
  onCommit(moment) {
    if (moment === "before") left -= 1;
    if (left === 0 && moment === death.moment) process.kill(process.pid, "SIGKILL");
  },
  shell: {
    state: () => "running",
    async runScript() {
      await pause(20);
      return { exitCode: 0, stdout: "", stderr: "", timedOut: false };
    },
  },
  ...(death.atCallBySeed !== undefined && {
    faults: new Faults(death.atCallBySeed, { calls: [{ share: 1 / CALLS_A_LIFE, fault: { kind: "kill" } }] }),
  }),
  log: (sentence) => process.stderr.write(`${sentence}\n`),
});
await deploy(aws);
aws.resume();
process.stdout.write(`${aws.endpoint}\n`);
process.on("SIGTERM", () => void aws.close());
