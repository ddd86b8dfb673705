import { GetScheduleCommand, ResourceNotFoundException, SchedulerClient } from "@aws-sdk/client-scheduler";
import type { Context } from "../context.ts";
import { everyMs } from "../doctor/of-telling.ts";
import { clientIn } from "../place/clients.ts";

/** As shipped, on an account. */
const USUAL_MS = 300_000;
/** Here the watch looks as often as an instance proves its key; one that has missed three is stale. */
const INTERVALS_HERE = 3;

/**
 * How old the newest sample of an instance may be before it is looked for, in milliseconds: as often as the watch looks. Where
 * there is no schedule that says so, as often as it is shipped.
 */
export async function readFreshMs(context: Pick<Context, "place" | "out" | "stopped">): Promise<number> {
  const { names, kind } = context.place;
  const get = new GetScheduleCommand({ Name: names.watchSchedule });
  try {
    const { ScheduleExpression: expression = "" } = await clientIn(SchedulerClient, context).send(get, {
      abortSignal: context.stopped,
    });
    return (everyMs({ isOn: true, expression }) ?? USUAL_MS) * (kind === "here" ? INTERVALS_HERE : 1);
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return USUAL_MS;
    throw error;
  }
}
