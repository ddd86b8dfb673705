import { STSClient } from "@aws-sdk/client-sts";
import type { Context, Run } from "../context.ts";
import { EXIT } from "../exits.ts";
import { clientIn } from "../place/clients.ts";
import { type ShellEnv, shellEnvHere, shellEnvOf, shellLines } from "../shell-env.ts";

export const run: Run = async (_given, context) => {
  const { unset, everyAws = false, set } = await envOf(context);
  return {
    code: EXIT.done,
    // Of `npm start` alone: its credentials are good for its embedded AWS, and for nothing else.
    document: { unset, everyAws, set },
    print: (out) => out.raw(shellLines({ unset, set, ...(everyAws && { everyAws }) })),
  };
};

/** Nothing is asked of AWS: the Region is the profile's where none was typed. */
async function envOf(context: Context): Promise<ShellEnv> {
  const { running, profile, stack } = context.place;
  if (running !== undefined) return shellEnvHere(running);
  return shellEnvOf({ region: await clientIn(STSClient, context).config.region(), profile, stack });
}
