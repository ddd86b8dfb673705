import { SFNClient } from "@aws-sdk/client-sfn";
import type { Context } from "../context.ts";
import { accountOf, type Caller, clientIn } from "../place/clients.ts";

/** What acts are done with: whose name stands in them, where they are started, and when whoever waits for them stops. */
export interface Hand extends Pick<Context, "place" | "stopped" | "now" | "out"> {
  caller: Caller;
  sfn: SFNClient;
}

export async function handOf(context: Context): Promise<Hand> {
  const { place, stopped, now, out } = context;
  return { place, stopped, now, out, caller: await accountOf(context), sfn: clientIn(SFNClient, context) };
}
