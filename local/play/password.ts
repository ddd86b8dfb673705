import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { stands } from "../../functions/findings/finding.ts";
import { alterBehindOurBack } from "../orders/behind-our-back.ts";
import { ORDERS_SECRET, WEB } from "../orders/orders.ts";
import { OrdersSecrets } from "../orders/secrets.ts";
import { Visitors } from "../orders/visitors.ts";
import { type Desk, itIsOver, type Play, peopleAreTold, SLACK_MS } from "./desk.ts";
import { event } from "./expectation.ts";

const CAUSE = "CredentialMismatch";
const LOOK_MS = 1000;
/** By then whatever turn was under way is over. */
const PATIENCE_MS = 60_000;
/** Until a turn that was just under way has come to its promotion. */
const SETTLED_MS = 3000;

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
    return {
      expectations: [
        {
          says: `The application ${WEB}, which connects for each request, is let in no more; the sessions of pool go on`,
          withinMs: SETTLED_MS + SLACK_MS,
          look: isSaid("DISCONNECTED"),
        },
        ...(await peopleAreTold(desk, {
          ...{ subject: ORDERS_SECRET, cause: CAUSE },
          says: "The watch finds that the login in force is refused: nothing is turned until a person says so",
          withinMs: SETTLED_MS + 2 * lookMs + 2 * SLACK_MS,
        })),
        {
          says: "You mend it: have the other user set, and the secret with it",
          follows: true,
          command: `${desk.keyturn} rotate ${ORDERS_SECRET} --heal`,
          metBy: event("Credential Rotated", { secret: ORDERS_SECRET }, ({ user }) => ({
            said: `The user is ${user} now.`,
          })),
        },
        itIsOver(desk, { subject: ORDERS_SECRET, cause: CAUSE, withinMs: 2 * lookMs + 2 * SLACK_MS }),
        { says: `${WEB} is let in again`, follows: true, withinMs: 2 * SLACK_MS, look: isSaid("CONNECTED") },
      ],
      act: (signal) => alterTheCurrent(desk, signal),
    };
  },
};

/** A turn that is under way leaves the altered user behind: then the next one is altered, too, until the watch has found it. */
async function alterTheCurrent({ aws, orders, findings, now }: Desk, signal: AbortSignal): Promise<void> {
  if ("missing" in orders) return;
  const secrets = new OrdersSecrets(aws);
  const until = now() + PATIENCE_MS;
  try {
    let altered: string | undefined;
    while (now() < until) {
      const finding = await findings.find({ subject: ORDERS_SECRET, cause: CAUSE });
      if (altered !== undefined && finding !== undefined && stands(finding)) return;
      const { user, versionId } = await secrets.current();
      if (versionId !== altered) await alterBehindOurBack(orders, user, randomBytes(16).toString("hex"));
      altered = versionId;
      await pause(LOOK_MS, undefined, { signal });
    }
  } finally {
    secrets.close();
  }
}
