// One life of an embedded AWS over a folder: prints its endpoint when it is ready, and runs until its death.
//   life.ts FOLDER DEATH      (as JSON, see process.ts)
import { setTimeout as pause } from "node:timers/promises";
import { Faults, Store, startAws } from "embedded-aws";
import { deploy } from "./deployment.ts";

const [folder = "", deathText = "{}"] = process.argv.slice(2);
const death = JSON.parse(deathText) as { atWrite?: number; moment?: string; atCallBySeed?: string };
/** About one call in so many is the last one. */
const CALLS_A_LIFE = 150;

class MortalStore extends Store {
  #left = death.atWrite ?? 0;

  override transaction<T>(work: () => T): T {
    this.#left -= 1;
    if (this.#left !== 0) return super.transaction(work);
    const result = super.transaction(() => {
      const done = work();
      if (death.moment === "before") process.kill(process.pid, "SIGKILL");
      return done;
    });
    process.kill(process.pid, "SIGKILL");
    return result;
  }
}

const aws = await startAws({
  port: 0,
  folder,
  parts: { store: new MortalStore(folder) },
  agent: () => {
    throw new Error("No agent runs here.");
  },
  shell: {
    state: () => "running",
    async runScript() {
      await pause(20);
      return { exitCode: 0, stdout: "", stderr: "", timedOut: false };
    },
  },
  ...(death.atCallBySeed !== undefined && {
    faults: new Faults(death.atCallBySeed, [{ share: 1 / CALLS_A_LIFE, fault: { kind: "kill" } }]),
  }),
  log: (sentence) => process.stderr.write(`${sentence}\n`),
});
await deploy(aws);
aws.resume();
process.stdout.write(`${aws.endpoint}\n`);
process.on("SIGTERM", () => void aws.close());
