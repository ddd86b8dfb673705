// Holds an instance with an agent and a script that both beat, and says so, until it is killed.
import { openEc2 } from "./harness.ts";

const ec2 = openEc2(process.argv[2] ?? "");
const id = ec2.instances.launch(1)[0]?.id ?? "";
await ec2.instances.settled();
const run = (script: string) => ec2.instances.runScript(id, { script, timeoutMs: 60_000 });
void run("while :; do echo >> script-beat; sleep 0.02; done");
await run("until [ -s script-beat ] && [ -s agent-beat ]; do sleep 0.02; done");
process.stdout.write(`${ec2.instances.folderOf(id)}\n`);
