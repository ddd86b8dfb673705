import type { Ticket } from "../../../protocol/index.ts";
import { hex64Of } from "../../functions/support.ts";
import { kind } from "../kind.ts";
import { A_DAY_MS, A_SECOND_MS, AN_HOUR_MS } from "../times.ts";

const HOW = ["nonce", "proof", "higher", "lower", "rekey", "old", "malformed"] as const;

/** Somebody who may write the tickets makes one up, or puts an old one back; and may have the agent turn on it. */
export const ticketMadeUp = kind<{
  agent: number;
  how: (typeof HOW)[number];
  above: number;
  ms: number;
  turns: boolean;
}>({
  rate: { perAgentDay: 0.03 },
  draw: (draw) => ({
    agent: draw.agent(),
    how: draw.one(HOW),
    above: draw.span(1, 1_000_000),
    ms: draw.span(A_SECOND_MS, 2 * A_DAY_MS),
    turns: draw.one([true, false]),
  }),
  befall({ agent, how, above, ms, turns }, fleet) {
    const { world } = fleet;
    const host = fleet.agent(agent);
    const record = fleet.recordOf(host);
    if (record === undefined) return;
    const { id, ec2InstanceId } = record;
    const place = `${ec2InstanceId} ${id}`;
    const made = (text: string) => hex64Of(`${text} made up at ${fleet.now}`);
    const next = record.current.generation + 1;
    const lying = world.tickets.lying.get(place);
    const forged = { id, generation: next, nonce: made("nonce"), proof: made("proof") };
    const lay: Record<(typeof HOW)[number], Ticket | undefined> = {
      nonce: lying && { ...lying, nonce: forged.nonce },
      proof: forged,
      higher: { ...forged, generation: next + above },
      lower: { ...forged, generation: Math.max(1, next - above) },
      rekey: { ...forged, generation: next + above, proof: "" },
      old: lying,
      malformed: { id, generation: -1, nonce: "none", proof: "none" },
    };
    const ticket = lay[how];
    if (ticket === undefined) return;
    const put = () => {
      if (fleet.isCalm) return;
      world.tickets.lying.set(place, ticket);
      if (!turns || host.state !== "running" || host.isCutOff) return;
      void world.turn(host).then((said) => {
        // The registration function was asked, and has refused; whatever else it may be told of is a rekey that stands.
        if (how !== "rekey" || !said.includes("REKEY_REFUSED")) return;
        const because = `its agent was to answer a rekey to ${ticket.generation} that nobody had opened`;
        const causes = ["NO_REKEY", "QUARANTINED", "RETIRED", "UNKNOWN_ID"];
        fleet.expectations.add({ subjects: [ec2InstanceId], causes, because }, 2 * AN_HOUR_MS);
      });
    };
    if (how === "old") fleet.later(ms, put);
    else put();
  },
});
