import type { Delivery } from "../../harness/commands.ts";
import type { EventFate } from "../../harness/event-bus.ts";
import { kind } from "../kind.ts";
import { A_SECOND_MS, AN_HOUR_MS } from "../times.ts";

/** The next command is lost, doubled or late, or its end is told late, twice or not at all. */
export const command = kind<Delivery>({
  rate: { perAgentDay: 0.25 },
  draw: (draw) => ({
    arrives: draw.one([0, 1, 1, 2] as const),
    told: draw.one([0, 1, 2] as const),
    lateMs: draw.one([0, draw.span(A_SECOND_MS, AN_HOUR_MS / 2)]),
  }),
  befall: (delivery, { world }) => void world.commands.deliveries.push({ ...delivery }),
});

/** The next event of a service is lost, doubled or late. Step Functions' own are never lost, only late and doubled. */
export const event = kind<EventFate>({
  rate: { perAgentDay: 0.2 },
  draw: (draw) => {
    const source = draw.one(["aws.ec2", "aws.ssm", "aws.states"] as const);
    const comes = draw.one(source === "aws.states" ? ([1, 2] as const) : ([0, 1, 2] as const));
    return { source, comes, lateMs: draw.one([0, draw.span(A_SECOND_MS, 2 * AN_HOUR_MS)]) };
  },
  befall: (fate, { world }) => void world.events.fates.push({ ...fate }),
});
