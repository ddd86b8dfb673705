import { KINDS as DEADLY, type Fault, SLOW_KINDS } from "../../harness/calls.ts";
import { kind } from "../kind.ts";

/** What steps and agents call when they turn keys, look, register, tell and act. */
const CALLS = [
  ...["registry.find", "registry.listDue", "registry.listPage", "registry.findOwner", "registry.writeOwner"],
  ...["registry.setPending", "registry.setPush", "registry.promote", "registry.noteJudged", "registry.noteFailed"],
  ...["registry.add", "registry.activate", "registry.updateIp", "registry.openRekey", "registry.agreeRekey"],
  ...["registry.promoteRekey", "registry.noteAudited", "registry.retire", "registry.quarantine", "registry.release"],
  ...["audit.put", "audit.line", "findings.find", "findings.write", "findings.listOpen", "mail.send", "bus.put"],
  ...["timeSeries.read", "timeSeries.newest", "vault.seal", "vault.unseal", "nonces.compute", "tickets.lay"],
  ...["tickets.find", "commands.send", "commands.state", "executions.start", "executions.endTask", "hosts.state"],
  ...["hosts.states", "hosts.tagged", "registration", "registrations.run", "series.write", "disk.write", "disk.sync"],
  ...["disk.rename", "disk.syncFolder"],
] as const;
const OUTAGES: readonly string[] = ["outage", "blackout"];
const WHAT = [...DEADLY.filter((one) => !OUTAGES.includes(one)), ...SLOW_KINDS];

/** The next call of that name is lost, throttled or takes long; or whoever makes it dies, or its execution is stopped. */
export const callStruck = kind<Fault>({
  rate: { perAgentDay: 0.6 },
  draw: (draw) => ({ call: draw.one(CALLS), when: draw.one(["before", "after"] as const), what: draw.one(WHAT) }),
  befall: (fault, { world }) => void world.calls.faults.push({ ...fault }),
});
