import type { Fleet } from "../fleet.ts";
import { kind } from "../kind.ts";
import { A_DAY_MS, A_MINUTE_MS, A_SECOND_MS, AN_HOUR_MS } from "../times.ts";

const ACTS = ["quarantine", "quarantine", "release", "rekey", "rekey", "rekey anew", "rotate", "rotate"] as const;

/** A person does something to an instance at a moment of which nobody has thought: what is put in quarantine is released later. */
export const operatorActs = kind<{ agent: number; act: (typeof ACTS)[number]; ms: number }>({
  rate: { perAgentDay: 0.06 },
  draw: (draw) => ({ agent: draw.agent(), act: draw.one(ACTS), ms: draw.span(A_MINUTE_MS, A_DAY_MS) }),
  befall({ agent, act, ms }, fleet) {
    const id = fleet.recordOf(fleet.agent(agent))?.id;
    if (id === undefined) return;
    if (act === "rotate") fleet.world.start("rotation", { id });
    else if (act === "rekey anew") operate(fleet, { act: "rekey", id, anew: true });
    else operate(fleet, { act, id });
    if (act === "quarantine") fleet.later(ms, () => operate(fleet, { act: "release", id }));
  },
});

/** A person retires the record of an instance that runs: it is refused from then on, until it registers anew. */
export const retiredByMistake = kind<{ agent: number }>({
  rate: { perAgentDay: 0.004 },
  draw: (draw) => ({ agent: draw.agent() }),
  befall({ agent }, fleet) {
    const host = fleet.agent(agent);
    const record = fleet.recordOf(host);
    if (record === undefined || host.state !== "running") return;
    const { id } = record;
    operate(fleet, { act: "retire", id });
    const isOver = () => host.state !== "running" || fleet.world.registry.records.get(id)?.status !== "RETIRED";
    const causes = ["RETIRED", "NeverRegistered", "UNKNOWN_ID"];
    const subjects = [host.ec2InstanceId, id];
    const because = "its record was retired while it runs";
    fleet.expectations.add({ subjects, causes, because, unless: isOver }, 30 * AN_HOUR_MS);
  },
});

/** A person rekeys all, or tries the way to people. */
export const allMeant = kind<{ act: "rekey" | "drill" }>({
  rate: { perDay: 0.3 },
  draw: (draw) => ({ act: draw.one(["rekey", "drill", "drill"] as const) }),
  befall: ({ act }, fleet) => operate(fleet, act === "rekey" ? { act, all: true } : { act }),
});

const STOPPED = ["rotation", "rekey", "run over the fleet"] as const;

/** A person stops an execution that waits for an instance's answer. */
export const executionStopped = kind<{
  agent: number;
  what: (typeof STOPPED)[number];
  arrives: 0 | 1;
  afterMs: number;
}>({
  rate: { perAgentDay: 0.015 },
  draw: (draw) => ({
    agent: draw.agent(),
    what: draw.one(STOPPED),
    arrives: draw.one([0, 1] as const),
    afterMs: draw.span(A_SECOND_MS, 10 * A_MINUTE_MS),
  }),
  befall({ agent, what, arrives, afterMs }, fleet) {
    const id = fleet.recordOf(fleet.agent(agent))?.id;
    if (id === undefined) return;
    const { world } = fleet;
    const [flow, input] = {
      rotation: ["rotation", { id }] as const,
      rekey: ["operate", { act: "rekey", id }] as const,
      "run over the fleet": ["fleet-rotation", {}] as const,
    }[what];
    // Its end is told by no event, so that it is still waited for.
    world.commands.deliveries.unshift({ arrives, told: 0 });
    const arn = world.start(flow, input);
    fleet.later(afterMs, async () => {
      const execution = world.flows.executions(flow).find((one) => one.arn === arn);
      if (execution?.status !== "RUNNING") return;
      fleet.note(`somebody stops ${execution.name} of ${flow}`);
      await world.flows.stop(execution);
      const because = `the execution ${execution.name} was stopped`;
      const subjects = [flow === "fleet-rotation" ? flow : id];
      fleet.expectations.add({ subjects, causes: ["ExecutionCutOff"], because }, 3 * AN_HOUR_MS);
    });
  },
});

function operate(fleet: Fleet, input: object): void {
  fleet.world.start("operate", input);
}
