import type { Ticket } from "../../../protocol/index.ts";
import { findLive } from "../../clients/find-live.ts";
import { LONGEST_ROTATION_MS } from "../../record/due.ts";
import { executionName } from "../../record/execution-name.ts";
import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { overtaken } from "../overtaken.ts";
import type { contract } from "./contract.ts";

type Input = InputOf<typeof contract>;
type Neighbours = NeighboursOf<typeof contract>;

/** At once, since DynamoDB takes expressions of 4 kB; the next push forgets more. */
const MOST_FORGOTTEN = 40;

/** How often a ticket is replaced that the record does not know. */
const MOST_LOOKS = 3;

/**
 * Has the instance turn. What this execution waits for is stored before the command is sent, and the ticket lies by then:
 * however soon the command is over, and wherever this step dies, the answer finds the waiting task.
 */
export async function pushToInstance(input: Input, neighbours: Neighbours): Promise<OutputOf<typeof contract>> {
  const { registry, commands, now, journal } = neighbours;
  const { id, ec2InstanceId, generation, rekey, taskToken } = input;
  const execution = executionName(input.execution);
  const sentAt = now();
  const aimed = await registry.setPush(id, { generation, rekey, execution, push: { taskToken, sentAt } });
  if (aimed === undefined) throw overtaken(await findLive(registry, id), generation);
  // Of executions that have ended in between nobody waits any more, and the record must not grow by each of them.
  const ended = Object.entries(aimed.pushes).filter(([, push]) => push.sentAt < sentAt - LONGEST_ROTATION_MS);
  if (ended.length > 0) {
    const executions = ended.slice(0, MOST_FORGOTTEN).map(([other]) => other);
    await registry.forgetPushes(id, { generation, rekey, executions });
  }
  // The ticket of a rekey bears no proof: there may be no key to make one with.
  await layTicket({ id, generation, nonce: aimed.nonce, proof: aimed.ticketProof ?? "" }, input, neighbours);
  const commandId = await commands.send(ec2InstanceId);
  journal.info("pushed", { id, ec2InstanceId, generation, commandId });
  journal.count("Push");
  return { commandId };
}

/**
 * Lays the ticket down, unless another execution has gone further; what the record does not know is replaced. Whoever may
 * write tickets may do so between each look and its write: that is no other execution's, and must not pass for one's.
 */
async function layTicket(ticket: Ticket, input: Input, { registry, tickets, now, journal }: Neighbours): Promise<void> {
  const { id, ec2InstanceId } = input;
  let newer = await tickets.lay(ec2InstanceId, ticket, { at: now() });
  for (let looks = 0; newer !== undefined; looks += 1) {
    // Read after the ticket: whoever lays one has stored its key as pending, or opened its rekey, before.
    const record = await findLive(registry, id);
    const { pending, rekey } = record;
    const aimed = input.rekey ? rekey : rekey === undefined ? pending : undefined;
    if (aimed?.generation !== ticket.generation) throw overtaken(record, ticket.generation);
    if (looks === MOST_LOOKS) {
      const message = `The ticket of ${id} is written again and again by somebody else. Look who may write the table of tickets.`;
      throw new StepError(TEMPORARILY_UNAVAILABLE, message);
    }
    journal.info("ticket replaced that is newer than the record", { id, ec2InstanceId, generation: newer.generation });
    journal.count("TicketNewerThanRecord");
    newer = await tickets.lay(ec2InstanceId, ticket, { at: now(), replaced: newer });
  }
}
