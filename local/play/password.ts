import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { alterBehindOurBack } from "../orders/behind-our-back.ts";
import { ORDERS_SECRET, WEB } from "../orders/orders.ts";
import { OrdersSecrets } from "../orders/secrets.ts";
import { Visitors } from "../orders/visitors.ts";
import { type Desk, itIsOver, type Play, peopleAreTold, SLACK_MS } from "./desk.ts";
import { event } from "./expectation.ts";

/** After so long a turn that was under way has come to its promotion. */
const SETTLED_MS = 3000;
const MOST_TRIES = 3;

/** Somebody gives the user in force another password in the database. */
export const password: Play = {
  name: "password",
  title: "Change a password behind our back",
  does: `Gives the database user that is in force for ${ORDERS_SECRET} another password, and tells nobody.`,
  cannot: ({ orders }) =>
    "missing" in orders ? `There is no database here with a credential to turn: ${orders.missing}` : undefined,
  async prepare(desk) {
    const { orders } = desk;
    const { lookMs } = desk.times;
    const isSaid = (status: "CONNECTED" | "DISCONNECTED") => async () => {
      if ("missing" in orders) return undefined;
      const page = await new Visitors({ ports: orders.ports, tell: () => undefined }).pageOf(WEB);
      return page?.db_status === status ? {} : undefined;
    };
    const settledMs = MOST_TRIES * SETTLED_MS;
    return {
      expectations: [
        {
          says: `The application ${WEB}, which connects for each request, is let in no more; the sessions of pool go on`,
          withinMs: settledMs + SLACK_MS,
          look: isSaid("DISCONNECTED"),
        },
        ...(await peopleAreTold(desk, {
          ...{ subject: ORDERS_SECRET, cause: "CredentialMismatch" },
          says: "The watch finds CredentialMismatch: nothing is turned until a person says so",
          withinMs: settledMs + 2 * lookMs + 2 * SLACK_MS,
        })),
        {
          says: "You mend it: have the other user set, and the secret with it",
          command: `${desk.keyturn} rotate ${ORDERS_SECRET} --heal`,
          metBy: event("Credential Rotated", { secret: ORDERS_SECRET }, ({ user }) => ({
            said: `The user is ${user} now.`,
          })),
        },
        { says: `${WEB} is let in again`, follows: true, withinMs: 2 * SLACK_MS, look: isSaid("CONNECTED") },
        itIsOver(ORDERS_SECRET, "CredentialMismatch", 2 * lookMs + 2 * SLACK_MS),
      ],
      act: (signal) => alterTheCurrent(desk, signal),
    };
  },
};

/** A turn that is just under way would leave the altered user behind: then the next one is altered, too. */
async function alterTheCurrent({ aws, orders }: Desk, signal: AbortSignal): Promise<void> {
  if ("missing" in orders) return;
  const secrets = new OrdersSecrets(aws);
  try {
    let altered: string | undefined;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const { user, versionId } = await secrets.current();
      if (versionId === altered) return;
      await alterBehindOurBack(orders, user, randomBytes(16).toString("hex"));
      altered = versionId;
      await pause(SETTLED_MS, undefined, { signal });
    }
  } finally {
    secrets.close();
  }
}
