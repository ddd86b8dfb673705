import * as z from "zod/mini";
import type { Context, Run } from "../operator/context.ts";
import { misused } from "../operator/exits.ts";
import type { Route } from "../operator/page/server/routes.ts";
import { subjectOf } from "../operator/subject.ts";

/** How many are acted on at once from the page: a person has chosen them one by one. */
const MOST = 100;
const LONGEST = 512;

const form = z.strictObject({
  ids: z.array(z.string().check(z.minLength(1), z.maxLength(LONGEST))).check(z.minLength(1), z.maxLength(MOST)),
  reason: z.optional(z.string()),
});

/** What the page may do here, each by the very command that does it on the command line; loaded once it is done. */
const COMMANDS: Record<string, () => Promise<Run>> = {
  rotate: async () => (await import("../operator/commands/rotate.ts")).run,
  check: async () => (await import("../operator/commands/check.ts")).run,
  quarantine: async () => (await import("../operator/commands/operate.ts")).quarantine,
  release: async () => (await import("../operator/commands/operate.ts")).release,
};

/**
 * The acts of the page. What is posted is `{ ids, reason? }`, of `rotate` also the name of one secret in the place of IDs; the answer
 * is the document of the command. Instances are waited for, a secret is not: its consumers may take long.
 *
 * @param context what a command is given, here
 */
export function actRoutes(context: Context): Route[] {
  return [
    {
      method: "POST",
      path: "/here/acts/:act",
      async answer({ params: { act = "" }, body }) {
        const load = Object.hasOwn(COMMANDS, act) ? COMMANDS[act] : undefined;
        if (load === undefined) {
          throw misused(
            `The page does not do this. It does ${Object.keys(COMMANDS).join(", ")}; keyturn does the rest.`,
          );
        }
        const { data, success } = form.safeParse(body);
        if (!success) throw misused(`An act takes { ids, reason? }: 1 to ${MOST} IDs, and one line of text.`);
        const { ids, reason } = data;
        const isOfInstances = ids.every((id) => subjectOf(id).kind === "instance");
        const run = await load();
        const options = {
          ...(act !== "check" && { yes: true, ...(reason !== undefined && { reason }) }),
          ...(act === "rotate" && isOfInstances && { wait: true }),
        };
        return (await run({ arguments: ids, options }, context)).document;
      },
    },
  ];
}
