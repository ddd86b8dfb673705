import * as z from "zod/mini";
import { misused } from "../../operator/exits.ts";
import type { Route } from "../../operator/page/server/routes.ts";
import { FORMS } from "../../protocol/index.ts";
import type { Plays } from "./plays.ts";

const playForm = z.strictObject({ id: z.optional(z.string().check(z.regex(FORMS.instanceId))) });

/** What the page may play. */
export function playRoutes(plays: Plays): Route[] {
  return [
    { method: "GET", path: "/here/plays", answer: () => plays.document() },
    {
      method: "POST",
      path: "/here/plays/:name",
      async answer({ params, body }) {
        const { data, success } = playForm.safeParse(body);
        if (!success) throw misused("A play takes { id }, the ID of an instance, or {}: then the first that is well.");
        return plays.play(params.name ?? "", data.id);
      },
    },
    {
      method: "POST",
      path: "/here/runs/:number/mend",
      async answer({ params }) {
        const number = Number(params.number);
        if (!Number.isSafeInteger(number)) throw misused("A run has a number.");
        return plays.mend(number);
      },
    },
  ];
}
