import type { Context } from "../../context.ts";
import { misused, refused } from "../../exits.ts";
import { listMailNumbers, readMails } from "../../reads/mails.ts";
import type { Route } from "../server/routes.ts";
import type { MailDocument, MailsDocument } from "../wire/mails.ts";

/** So many are listed: they are read again each second, by the process in which everything here runs. */
const MOST_LISTED = 200;

/** The mails that `npm start` has sent. An account's are kept by nobody: there, there are no such routes. */
export function mailRoutes({ place }: Pick<Context, "place">): Route[] {
  if (place.kind !== "here") return [];
  return [
    {
      method: "GET",
      path: "/api/mails",
      async answer(): Promise<MailsDocument> {
        const numbers = await listMailNumbers(place);
        const listed = numbers.slice(-MOST_LISTED).reverse();
        const mails = await readMails(place, listed);
        return {
          mails: mails.map(({ number, receivedAt, subject }) => ({ number, receivedAt, subject })),
          earlier: numbers.length - listed.length,
        };
      },
    },
    {
      method: "GET",
      path: "/api/mails/:number",
      async answer({ params: { number = "" } }): Promise<MailDocument> {
        if (!/^\d{1,9}$/.test(number)) throw misused(`"${number}" is no mail's number.`);
        const [mail] = await readMails(place, [Number(number)]);
        if (mail === undefined) throw refused(`There is no mail ${number}.`);
        return mail;
      },
    },
  ];
}
